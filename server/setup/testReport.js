/** In charge of the closing line of the tests: numbers from vitest's own JSON report; pure. */

/**
 * `{passed, failed}` of a report. A file that failed without a failed test (it could not be loaded, or a hook threw)
 * counts as one failure, so that nothing that went wrong is missing from the sum.
 */
export function countTests(report) {
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  )
  return { passed: report.numPassedTests, failed: report.numFailedTests + brokenFiles.length }
}
