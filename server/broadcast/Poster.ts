/** The newest picture of one broadcast as a JPEG: made when somebody asks, at most every ten seconds, and kept when it is over. */
import { createHash } from 'node:crypto'
import type { Clock } from '../lib/clock.ts'
import { firstPictureBytes } from '../packager/iframePlaylist.ts'
import type { Segment } from '../packager/SegmentStore.ts'

export interface Still {
  /** JPEG. */
  readonly bytes: Buffer
  /** Strong. */
  readonly etag: string
}

/** Makes JPEGs of key frames; rejects when that fails. */
export interface StillSource {
  make(media: readonly Buffer[]): Promise<Buffer>
}

export interface PosterOptions {
  readonly stills: StillSource
  readonly clock: Clock
  readonly log: { warn(facts: object, message: string): void }
}

interface Picture {
  readonly mediaSequence: number
  readonly media: readonly Buffer[]
}

/** Milliseconds between two attempts. */
const INTERVAL = 10_000

/** The tallest rung that is at most so high is taken: enough for a list or a link preview. Pixels. */
const HEIGHT = 360

export class Poster {
  readonly #options: PosterOptions
  #picture: Picture | null = null
  #still: Still | null = null
  #making: Promise<void> | null = null
  /** When the last attempt began, and of which segment. */
  #triedAt = Number.NEGATIVE_INFINITY
  #tried: number | null = null

  constructor(options: PosterOptions) {
    this.#options = options
  }

  /** Takes note of a segment in all renditions; keeps one picture of it, as it is in the stream. */
  see(
    listed: readonly { readonly rendition: string; readonly segment: Segment }[],
    facts: readonly { readonly id: string; readonly height: number }[],
  ): void {
    const heightOf = (id: string) => facts.find((each) => each.id === id)?.height ?? 0
    const rungs = listed
      .filter(({ rendition }) => heightOf(rendition) > 0)
      .sort((a, b) => heightOf(a.rendition) - heightOf(b.rendition))
    const chosen = rungs.findLast(({ rendition }) => heightOf(rendition) <= HEIGHT) ?? rungs[0]
    if (!chosen) return
    const { init, mediaSequence, parts } = chosen.segment
    const length = firstPictureBytes(chosen.segment)
    const [part] = parts
    if (init && part && length !== null) {
      this.#picture = { mediaSequence, media: [init.bytes, part.bytes.subarray(0, length)] }
    }
  }

  /** Whether there is something that a picture can be made of. */
  get hasPicture(): boolean {
    return this.#picture !== null
  }

  /** Nothing is to be seen of the broadcast any more. */
  forget(): void {
    this.#picture = null
    this.#still = null
  }

  /** The newest picture that is to be had, made now if the one there is old; null when there never was one. */
  async newest(): Promise<Still | null> {
    if (this.#isDue) this.#making ??= this.#make()
    await this.#making
    return this.#still
  }

  get #isDue(): boolean {
    const isNew = this.#picture !== null && this.#picture.mediaSequence !== this.#tried
    return isNew && this.#options.clock.now() >= this.#triedAt + INTERVAL
  }

  async #make(): Promise<void> {
    const picture = this.#picture
    if (!picture) return
    const { stills, clock, log } = this.#options
    this.#triedAt = clock.now()
    this.#tried = picture.mediaSequence
    try {
      const still = makeStill(await stills.make(picture.media))
      // Else it was told to forget meanwhile.
      if (this.#picture !== null) this.#still = still
    } catch (error) {
      log.warn({ error: String(error) }, 'no picture for lists and previews could be made')
    } finally {
      this.#making = null
    }
  }
}

export function makeStill(bytes: Buffer): Still {
  return { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` }
}
