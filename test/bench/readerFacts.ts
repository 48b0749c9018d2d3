/** In charge of how well somebody reads along with a live broadcast: what was missing, and whether he falls behind. Pure. */
import { percentile } from './figures.ts'

/** One look at a reader: when, and how far behind he was, both in seconds. */
export interface BehindAt {
  readonly at: number
  readonly behind: number
}

/** Seconds at the beginning and at the end that are compared. */
const COMPARED = 20

/** How far behind in the middle of the first and of the last seconds. Null when there is too little to tell. */
export function drift(looks: readonly BehindAt[]): { start: number; end: number } | null {
  const first = looks[0]?.at ?? 0
  const last = looks.at(-1)?.at ?? 0
  if (last - first < 2 * COMPARED) return null
  const middle = (part: readonly BehindAt[]) =>
    percentile(
      part.map(({ behind }) => behind),
      0.5,
    )
  return {
    start: middle(looks.filter(({ at }) => at <= first + COMPARED)),
    end: middle(looks.filter(({ at }) => at >= last - COMPARED)),
  }
}

/** A frame that FFmpeg decoded. Seconds. */
export interface DecodedFrame {
  readonly stream: number
  readonly time: number
  readonly duration: number
}

/** Reads the lines of FFmpeg's `framecrc` output one by one. */
export class FrameLines {
  /** Seconds a tick, by stream. */
  readonly #timeBases = new Map<number, number>()

  /** Null for what is no frame. */
  read(line: string): DecodedFrame | null {
    const [, index, numerator, denominator] = /^#tb (\d+): (\d+)\/(\d+)$/.exec(line) ?? []
    if (index !== undefined) this.#timeBases.set(Number(index), Number(numerator) / Number(denominator))
    if (line === '' || line.startsWith('#')) return null
    const [stream = 0, , pts = 0, duration = 0] = line.split(',').map(Number)
    const timeBase = this.#timeBases.get(stream)
    if (timeBase === undefined || Number.isNaN(pts)) return null
    return { stream, time: pts * timeBase, duration: duration * timeBase }
  }
}

/** Seconds between two frames beyond which something is missing: a sender's frames come at 30 a second, or at 15. */
const LONGEST_STEP = 0.2

/** Counts steps between frames of a stream that are too long, or that go back. */
export class StepCounter {
  readonly #last = new Map<number, number>()
  gaps = 0
  backwards = 0
  /** The first of them in words. */
  first: string | null = null

  add({ stream, time }: DecodedFrame): void {
    const last = this.#last.get(stream)
    this.#last.set(stream, time)
    if (last === undefined) return
    const isBackwards = time <= last
    if (!isBackwards && time - last <= LONGEST_STEP) return
    if (isBackwards) this.backwards++
    else this.gaps++
    this.first ??= `stream ${stream} goes from ${last.toFixed(3)} to ${time.toFixed(3)} s`
  }
}
