/** In charge of the suite as a whole: records what a server sends, and judges it by all checks. */
import { Look } from './check.ts'
import { allChecks } from './checks/all.ts'
import type { Recording } from './record/Record.ts'
import { record } from './record/Recorder.ts'
import { type CheckResult, type Report, seenIn } from './report.ts'

export interface ConformOptions {
  /** How long to record, in seconds. */
  readonly seconds: number
  /** Ends the recording early; what was seen until then is judged. */
  readonly signal?: AbortSignal
}

/**
 * Reads the playlist at `url` (multivariant or media) and all that it leads to, as a strict client does, and judges what
 * came. Survives outages and restarts of the server; ends early when all playlists ended. Never rejects for what a
 * server does.
 */
export async function conform(url: string, { seconds, signal }: ConformOptions): Promise<Report> {
  return judge(await record(url, { seconds, signal }))
}

function judge(recording: Recording): Report {
  const results = allChecks.map(({ name, rule, run }): CheckResult => {
    const look = new Look()
    run(recording, look)
    const { examined, failed, findings } = look
    const verdict = failed > 0 ? 'broken' : examined > 0 ? 'kept' : 'not seen'
    return {
      name,
      rule,
      verdict,
      examined,
      failed,
      findings,
      reason: examined > 0 ? null : (look.skipped ?? 'nothing to judge'),
    }
  })
  return { url: recording.url, seen: seenIn(recording), results, broken: results.filter(({ failed }) => failed > 0) }
}
