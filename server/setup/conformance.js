/** `npm run conformance -- URL`: set-up, then the conformance suite; arguments are handed on. */
import { prepare } from './prepare.js'
import { runForeground } from './runForeground.js'

const { node, env } = await prepare('check')
process.exitCode = await runForeground(node, ['test/conformance/main.ts', ...process.argv.slice(2)], env)
