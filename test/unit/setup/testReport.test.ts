import { expect, it } from 'vitest'
import { table } from '../../../server/setup/table.js'
import { countTests } from '../../../server/setup/testReport.js'

it('counts a file that could not be loaded as a failure', () => {
  const testResults = [
    { status: 'passed', assertionResults: [{ status: 'passed' }] },
    { status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'passed' }] },
    { status: 'failed', assertionResults: [] },
  ]
  expect(countTests({ numPassedTests: 2, numFailedTests: 1, testResults })).toEqual({ passed: 2, failed: 2 })
})

it('lays a table out in columns as wide as their longest cell', () => {
  expect(
    table(
      ['part', 'state'],
      [
        ['a', 'good'],
        ['longer', 'two\nlines'],
      ],
    ),
  ).toEqual(['part    state', '------  -----', 'a       good', 'longer  two', '        lines'])
})
