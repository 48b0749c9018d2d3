/** In charge of the row "failures": what somebody sees of all that may go wrong, and for how long the picture stands. */
import { type FailureOutcome, failures, tellFailure } from '../../helpers/failures.ts'
import type { Outcome } from '../report.ts'
import type { BenchContext } from '../Stand.ts'

const HEAD = ['failure', 'lasts', 'seen over', 'stood', 'missed at switches', 'back in time', 'black']

export async function measureFailures({ signal, say }: BenchContext): Promise<Outcome> {
  const rows: string[][] = []
  const records: object[] = []
  for (const failure of failures) {
    signal.throwIfAborted()
    say(failure.name)
    const lasts = `${failure.fully / 1000} s`
    try {
      const outcome = await tellFailure(failure)
      rows.push([failure.name, lasts, ...cells(outcome)])
      records.push(outcome)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      rows.push([failure.name, lasts, `broken: ${reason.slice(0, 80)}`, '-', '-', '-', '-'])
      records.push({ name: failure.name, broken: reason })
    }
    say(rows.at(-1)?.join(' | ') ?? '')
  }
  const notes = [
    'WebRTC through a relay for UDP that is its only way; HTTP is not impaired; a world of its own for each',
  ]
  return { kind: 'listed', head: HEAD, rows, records, notes }
}

function cells({ transports, stood, gaps, mostBackwards, backwards, black }: FailureOutcome): string[] {
  return [
    transports.join(' → '),
    `${stood} ms`,
    gaps.map((gap) => `${gap} ms`).join(', ') || '-',
    backwards === 0 ? '-' : `${backwards}×, ${mostBackwards} ms`,
    `${black}`,
  ]
}
