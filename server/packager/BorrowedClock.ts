/** Gives the rungs of one encoder the capture times that their `prft` boxes cannot know: it is told them from outside. */

import type { PackagerSink } from './Attempts.ts'
import { BoxError, BoxReader, findBox } from './boxReader.ts'

/** References kept for pictures that are still being encoded, at most: 20 s at 30 fps. */
const MOST_REFERENCES = 600
/** Media times are whole ticks in either unit; half a millisecond is for rounding. */
const ROUNDING_MS = 0.5
/** Seconds from the NTP epoch (1900) to the Unix epoch. */
const NTP_UNIX_SECONDS = 2_208_988_800

interface Reference {
  readonly mediaTime: number
  readonly wall: number
}

/**
 * Bytes go through as they are, but for the instants in `prft` boxes (ISO/IEC 14496-12, 8.16.5): an encoder writes when
 * it was done, the packager wants to know when the picture was taken.
 */
export class BorrowedClock {
  /** Lowest rung first. */
  readonly rungs: readonly PackagerSink[]
  readonly #references: Reference[] = []
  readonly #positions: (number | null)[]

  constructor(sinks: readonly PackagerSink[]) {
    this.#positions = sinks.map(() => null)
    this.rungs = sinks.map((sink, rung) => this.#through(sink, rung))
  }

  /** Milliseconds of media time of the slowest rung's newest picture; null before all have one. */
  get position(): number | null {
    const reached = this.#positions.filter((position) => position !== null)
    return reached.length < this.#positions.length ? null : Math.min(...reached)
  }

  /** A media time (milliseconds) was captured at an instant (milliseconds since the Unix epoch). In order. */
  reference(mediaTime: number, wall: number): void {
    this.#references.push({ mediaTime, wall })
    if (this.#references.length > MOST_REFERENCES) this.#references.shift()
  }

  #through(sink: PackagerSink, rung: number): PackagerSink {
    const reader = new BoxReader()
    let timescale = 1
    return {
      close: () => sink.close(),
      write: (chunk) => {
        for (const { type, body } of reader.push(chunk)) {
          if (type === 'moov') timescale = timescaleOf(body)
          if (type === 'prft') this.#set(body, timescale, rung)
          const header = Buffer.alloc(8)
          header.writeUInt32BE(8 + body.length)
          header.write(type, 4, 'latin1')
          sink.write(header)
          sink.write(body)
        }
      },
    }
  }

  #set(prft: Buffer, timescale: number, rung: number): void {
    const mediaTime =
      ((prft.readUInt8(0) === 1 ? Number(prft.readBigInt64BE(16)) : prft.readInt32BE(16)) * 1000) / timescale
    this.#positions[rung] = mediaTime
    const known = this.#references.findLast((each) => each.mediaTime <= mediaTime + ROUNDING_MS) ?? this.#references[0]
    if (!known) return
    const wall = known.wall + (mediaTime - known.mediaTime)
    const seconds = Math.floor(wall / 1000)
    prft.writeUInt32BE(seconds + NTP_UNIX_SECONDS, 8)
    prft.writeUInt32BE(Math.floor(((wall - seconds * 1000) / 1000) * 2 ** 32), 12)
  }
}

function timescaleOf(moov: Buffer): number {
  const mdhd = findBox(moov, 'trak', 'mdia', 'mdhd')
  if (!mdhd) throw new BoxError('a moov box without a track')
  return mdhd.readUInt32BE(mdhd.readUInt8(0) === 1 ? 20 : 12)
}
