/** The DASH manifest of one packager: takes what is listed, renders once a change. */
import { DashTimeline } from './DashTimeline.ts'
import { type DashRates, renderDashManifest } from './dashManifest.ts'
import type { Segment } from './SegmentStore.ts'

export interface DashOptions {
  readonly windowSegments: number
  /** Seconds; see SegmenterOptions. */
  readonly segmentMinimum: number
  /** Whole seconds. */
  readonly targetDuration: number
  /**
   * When the broadcast was live first, for a packager that goes on with one: positions count from there, milliseconds since
   * the Unix epoch. Null for the first packager of a broadcast: they count from its first segment.
   */
  readonly liveSince: number | null
  /** Wall clock in milliseconds. */
  now(): number
  /** What the ladder is measured to be at present. */
  rates(): readonly DashRates[]
}

/** Addresses relative to the manifest: see DashManifest. */
export interface DashAddresses {
  readonly baseUrl: string
  readonly location?: string
}

/**
 * So long the manifest of a broadcast that has ended goes on as a live one, with all its segments in it: DASH-IF IOP 4.3,
 * 4.6.4 wants players to know the last segments before the manifest turns static (dash.js forgets to end otherwise).
 * Several updates. Milliseconds.
 */
const TRANSITION_MS = 4000

export class Dash {
  readonly #options: DashOptions
  readonly #timeline: DashTimeline
  #availabilityStart: number | null
  #publishedAt = 0
  #endedAt: number | null = null
  #closed = false
  #rendered: { readonly baseUrl: string; readonly ended: boolean; readonly text: string } | null = null

  constructor(options: DashOptions) {
    this.#options = options
    this.#timeline = new DashTimeline(options.windowSegments)
    this.#availabilityStart = options.liveSince
  }

  /** The segments of all renditions with one number, in the order of the ladder. */
  list(segments: ReadonlyMap<{ readonly id: string }, Segment>): void {
    this.#timeline.add(new Map([...segments].map(([{ id }, segment]) => [id, segment])))
    this.#availabilityStart ??= Math.floor(this.#timeline.periods[0]?.startsAt ?? this.#options.now())
    this.#changed()
  }

  /** Nothing more will be listed. */
  end(): void {
    this.#endedAt ??= this.#options.now()
    this.#changed()
  }

  /** Frees everything; what is asked afterwards is answered null. */
  close(): void {
    this.#closed = true
    this.#rendered = null
  }

  /** Null while nothing was listed. */
  manifest({ baseUrl, location }: DashAddresses): string | null {
    const { periods } = this.#timeline
    if (this.#closed || periods.length === 0 || this.#availabilityStart === null) return null
    const ended = this.#endedAt !== null && this.#options.now() >= this.#endedAt + TRANSITION_MS
    const rendered = this.#rendered
    if (location === undefined && rendered?.baseUrl === baseUrl && rendered.ended === ended) return rendered.text
    const { windowSegments, segmentMinimum, targetDuration, rates } = this.#options
    const text = renderDashManifest({
      periods,
      rates: rates(),
      availabilityStart: this.#availabilityStart,
      publishedAt: this.#publishedAt,
      depth: windowSegments * segmentMinimum,
      targetDuration,
      ended,
      baseUrl,
      ...(location === undefined ? {} : { location }),
    })
    if (location === undefined) this.#rendered = { baseUrl, ended, text }
    return text
  }

  #changed(): void {
    this.#publishedAt = this.#options.now()
    this.#rendered = null
  }
}
