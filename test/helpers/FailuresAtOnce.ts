/** In charge of telling of a failed test when it has failed: the whole run, after which vitest does so, takes an hour. */
import type { Reporter, TestCase } from 'vitest/node'

// biome-ignore lint/style/noDefaultExport: vitest loads a reporter by it
export default class FailuresAtOnce implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result()
    if (state !== 'failed') return
    const told = (errors ?? []).map(({ message, stack }) => stack ?? message)
    process.stdout.write(`\n${test.module.relativeModuleId}: ${test.fullName}\n${told.join('\n')}\n`)
  }
}
