/** Decides whether and when a tap whose run ended is started again. Pure. */

/** Why a run ended by itself. */
export type EndReason =
  /** FFmpeg or its consumer could not be started. */
  | 'start-failed'
  /** FFmpeg went away. */
  | 'ffmpeg-exited'
  /** FFmpeg ran and nothing came out: no key frame, or no RTP. */
  | 'no-output'
  /** The sink threw. */
  | 'sink-failed'
  /** The sender stopped this layer; the tap waits until it is back. */
  | 'layer-left'
  /** The run itself found that it should be another: fewer rungs, or of another size. */
  | 'replanned'

/** `failures` is what the caller hands in at the next end. */
export type RestartDecision =
  | { readonly kind: 'restart'; readonly afterMs: number; readonly failures: number }
  | { readonly kind: 'give-up'; readonly failures: number }

/** A run that lasted this long (ms) wipes out the failures before it. */
export const calmAfterMs = 30_000
/** Failures in a row after which a tap stays down; reached after about 16 s of back-off. */
export const failuresBeforeGivingUp = 8
const firstDelayMs = 250
/** A sender that gives nothing is no fault of ours: it counts up to here, is retried for ever, and fails nothing. */
const mostSilentFailures = 4
/** A layer that comes and goes is started once in so long (ms). */
const flapDelayMs = 1_000
const flapUptimeMs = 5_000

/**
 * The first restart follows at once, since viewers wait for it; from the second on the delay doubles: 250 ms, 500 ms,
 * … 8 s. A layer that left is no failure: it starts again when it is back. Nor is a change of plan, which is followed at once.
 * @param failures Failures in a row before this end.
 * @param uptimeMs How long the run lasted, from its start.
 */
export function restartPolicy(failures: number, uptimeMs: number, reason: EndReason): RestartDecision {
  const before = uptimeMs >= calmAfterMs ? 0 : failures
  if (reason === 'layer-left') {
    return { kind: 'restart', afterMs: uptimeMs < flapUptimeMs ? flapDelayMs : 0, failures: before }
  }
  if (reason === 'replanned') return { kind: 'restart', afterMs: 0, failures: before }
  const counted = reason === 'no-output' ? Math.max(before, Math.min(before + 1, mostSilentFailures)) : before + 1
  if (counted >= failuresBeforeGivingUp) return { kind: 'give-up', failures: counted }
  const afterMs = counted === 1 ? 0 : firstDelayMs * 2 ** (counted - 2)
  return { kind: 'restart', afterMs, failures: counted }
}
