/** `npm test`: set-up, then the whole suite; arguments are handed on to vitest. The last line gives the numbers. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageBin } from './paths.js'
import { prepare } from './prepare.js'
import { runForeground } from './runForeground.js'
import { countTests } from './testReport.js'

const { node, env } = await prepare('test')
const folder = await mkdtemp(join(tmpdir(), 'nearcast-test-'))
const output = join(folder, 'report.json')
const reporters = ['default', './test/helpers/FailuresAtOnce.ts', 'json'].map((name) => `--reporter=${name}`)
const args = [
  packageBin('vitest'),
  'run',
  '--config',
  'test/vitest.config.ts',
  ...reporters,
  `--outputFile.json=${output}`,
]
args.push(...process.argv.slice(2))
process.exitCode = await runForeground(node, args, env)
try {
  const { passed, failed } = countTests(JSON.parse(await readFile(output, 'utf8')))
  console.log(`${passed} passed, ${failed} failed`)
} catch {
  console.error('vitest ended without a report')
  process.exitCode ||= 1
}
await rm(folder, { recursive: true, force: true })
