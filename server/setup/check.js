/** `npm run check`: format and lint, types, unused code. All are run, so that one run shows everything. */

import { elapsed } from './Progress.js'
import { packageBin } from './paths.js'
import { prepare } from './prepare.js'
import { runForeground } from './runForeground.js'

const CHECKS = [
  { name: 'format and lint', args: [packageBin('biome'), 'check', '.'] },
  { name: 'types', args: [packageBin('tsc'), '-p', '.'] },
  { name: 'unused code', args: [packageBin('knip'), '--config', '.knip.json'] },
]

const { node, env } = await prepare('check')
const results = []
for (const { name, args } of CHECKS) {
  const begun = performance.now()
  const code = await runForeground(node, args, env)
  results.push({ name, code, time: elapsed(performance.now() - begun) })
}
for (const { name, code, time } of results) console.log(`${code === 0 ? 'passed' : 'FAILED'}  ${name} (${time})`)
process.exitCode = results.every(({ code }) => code === 0) ? 0 : 1
