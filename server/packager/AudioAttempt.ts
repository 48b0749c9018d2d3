/** One run of the audio's FFmpeg: AAC frames, and the clock that the Opus beside them gives. */
import { AAC_FRAME_SAMPLES, type AudioConfig } from './audioConfig.ts'
import { BoxError } from './boxReader.ts'
import { FragmentReader } from './fragmentReader.ts'
import { follows } from './Timeline.ts'
import { WallClock } from './WallClock.ts'

/** A raw AAC access unit. */
export interface SoundFrame {
  /** In samples: of the attempt's media time, or of the timeline once it was put there. */
  readonly time: number
  readonly data: Buffer
}

/** Frames held at most: 25 s of sound. */
const MAX_HELD = 1200

/** Both outputs have the same input timestamps: AAC media time t was captured when Opus media time t was. */
export class AudioAttempt {
  readonly clock = new WallClock({ leaps: true })
  readonly #aac = new FragmentReader()
  readonly #opus = new FragmentReader()
  #opusTimescale = 1
  #config: AudioConfig | null = null
  #timescale = 1
  #frames: SoundFrame[] = []
  #newest: number | null = null

  /** Null before the header came. */
  get config(): AudioConfig | null {
    return this.#config
  }

  /** Samples a second. */
  get timescale(): number {
    return this.#timescale
  }

  /** Media time in milliseconds of the first frame not yet taken; null while there is none whose instant is known. */
  get firstFrame(): number | null {
    const [frame] = this.#frames
    return frame && this.clock.estimate !== null ? (frame.time * 1000) / this.#timescale : null
  }

  /** Takes bytes of the AAC output and returns the durations of the frames in them, in milliseconds. @throws BoxError */
  writeAac(chunk: Buffer): number[] {
    const durations: number[] = []
    for (const event of this.#aac.push(chunk)) {
      if ('track' in event) {
        if (event.track.kind !== 'aac') throw new BoxError(`an AAC stream of kind ${event.track.kind}`)
        this.#config = event.track.config
        this.#timescale = event.track.timescale
        continue
      }
      const { dts, data } = event.frame
      if (!follows(this.#newest, dts, dts + AAC_FRAME_SAMPLES, this.#timescale)) throw new BoxError('media time leapt')
      this.#newest = dts + AAC_FRAME_SAMPLES
      this.#frames.push({ time: dts, data: Buffer.from(data) })
      if (this.#frames.length > MAX_HELD) throw new BoxError('sound without a clock')
      durations.push((AAC_FRAME_SAMPLES * 1000) / this.#timescale)
    }
    return durations
  }

  /** Takes bytes of the Opus output, of which only the producer references matter. @throws BoxError */
  writeOpus(chunk: Buffer): void {
    for (const event of this.#opus.push(chunk)) {
      if ('track' in event) this.#opusTimescale = event.track.timescale
      else if (event.frame.reference) {
        const { mediaTime, wall } = event.frame.reference
        this.clock.observe((mediaTime * 1000) / this.#opusTimescale, wall)
      }
    }
  }

  /** Hands over the frames. */
  takeFrames(): SoundFrame[] {
    return this.#frames.splice(0)
  }
}
