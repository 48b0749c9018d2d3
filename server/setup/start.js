/** `npm start`: set-up, then the server. */
import { nodeFlags } from './nodeFlags.js'
import { prepare } from './prepare.js'
import { runForeground } from './runForeground.js'

const { node, env } = await prepare('serve')
process.exitCode = await runForeground(node, [...nodeFlags, 'server/main.ts', ...process.argv.slice(2)], env)
