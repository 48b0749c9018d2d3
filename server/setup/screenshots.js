/** `npm run screenshots -- FOLDER [PATTERN]`: set-up, then pictures of every page in every state. */
import { prepare } from './prepare.js'
import { runForeground } from './runForeground.js'

const { node, env } = await prepare('test')
process.exitCode = await runForeground(node, ['test/screenshots/main.ts', ...process.argv.slice(2)], env)
