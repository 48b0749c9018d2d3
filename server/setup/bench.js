/** `npm run bench`: set-up, then the benchmark; arguments are handed on. */
import { prepare } from './prepare.js'
import { runForeground } from './runForeground.js'

const { node, env } = await prepare('bench')
process.exitCode = await runForeground(node, ['test/bench/main.ts', ...process.argv.slice(2)], env)
