/** In charge of how many people watched by which way, over the whole broadcast in a bounded number of steps. Pure. */
import type { ViewerCounts } from '../../shared/broadcast.ts'

export interface AudienceStep {
  /** Milliseconds on the server's clock: when the step begins. It lasts until the next one. */
  readonly at: number
  readonly counts: ViewerCounts
}

/** More steps than a small graph has room for are put together. */
const MAX_STEPS = 200

/** Milliseconds between two steps while the broadcast is young; doubled each time that there are too many. */
const FIRST_GAP = 1_000

export class AudienceHistory {
  #steps: readonly AudienceStep[] = []
  #gap = FIRST_GAP

  /** Oldest first; the last one is how it is now. */
  get steps(): readonly AudienceStep[] {
    return this.#steps
  }

  /** So many watch from now on. */
  add(now: number, counts: ViewerCounts): void {
    const last = this.#steps.at(-1)
    if (last && isSame(last.counts, counts)) return
    this.#steps = joined([...this.#steps, { at: now, counts }], this.#gap)
    while (this.#steps.length > MAX_STEPS) {
      this.#gap *= 2
      this.#steps = joined(this.#steps, this.#gap)
    }
  }
}

/** Steps that begin within `gap` of one are part of it, with the latest counts. */
function joined(steps: readonly AudienceStep[], gap: number): AudienceStep[] {
  const kept: AudienceStep[] = []
  for (const step of steps) {
    const last = kept.at(-1)
    if (last && step.at - last.at < gap) kept[kept.length - 1] = { at: last.at, counts: step.counts }
    else kept.push(step)
  }
  return kept
}

function isSame(a: ViewerCounts, b: ViewerCounts): boolean {
  return a.total === b.total && a.webrtc === b.webrtc && a.mse === b.mse && a.hls === b.hls
}
