/** A sink that keeps what taps deliver, and reads the MP4 boxes in it. */
import type { ByteSink, TapSink, TranscodedSinks } from '../../../server/tap/TapSink.ts'

/** One opened stream. */
export class Recording implements ByteSink {
  readonly stream: string
  closed = false
  /** `performance.now()` of the first bytes. */
  firstBytesAt: number | undefined
  #bytes = Buffer.alloc(0)

  constructor(stream: string) {
    this.stream = stream
  }

  write(chunk: Buffer): void {
    if (this.closed) throw new Error('written after close')
    this.firstBytesAt ??= performance.now()
    this.#bytes = Buffer.concat([this.#bytes, chunk])
  }

  close(): void {
    if (this.closed) throw new Error('closed twice')
    this.closed = true
  }

  /** Whole top-level boxes so far. */
  get boxes(): { type: string; body: Buffer }[] {
    const boxes = []
    for (let at = 0; at + 8 <= this.#bytes.length; ) {
      const size = this.#bytes.readUInt32BE(at)
      if (size < 8) throw new Error(`a box of ${size} bytes in ${this.stream}`)
      if (at + size > this.#bytes.length) break
      boxes.push({
        type: this.#bytes.toString('latin1', at + 4, at + 8),
        body: this.#bytes.subarray(at + 8, at + size),
      })
      at += size
    }
    return boxes
  }

  /** Whole fragments so far. */
  get fragments(): number {
    return this.boxes.filter(({ type }) => type === 'mdat').length
  }

  /** Width and height in the init segment's `tkhd` (ISO 14496-12, 8.3.2), its last two fields, 16.16 fixed point. */
  get size(): { width: number; height: number } | undefined {
    const moov = this.boxes.find(({ type }) => type === 'moov')?.body
    if (!moov) return undefined
    const end = moov.indexOf('tkhd') - 4 + moov.readUInt32BE(moov.indexOf('tkhd') - 4)
    return { width: moov.readUInt16BE(end - 8), height: moov.readUInt16BE(end - 4) }
  }

  /** The different sequence parameter sets (NAL unit type 7) inside the samples, as hex. */
  get parameterSets(): Set<string> {
    const sets = new Set<string>()
    for (const { type, body } of this.boxes) {
      for (let at = 0; type === 'mdat' && at + 4 < body.length; at += 4 + body.readUInt32BE(at)) {
        const unit = body.subarray(at + 4, at + 4 + body.readUInt32BE(at))
        if (((unit[0] ?? 0) & 0x1f) === 7) sets.add(unit.toString('hex'))
      }
    }
    return sets
  }

  /** Wall clock (ms since the epoch) and media time (ticks) of each `prft` (ISO 14496-12, 8.16.5), version 1. */
  get captureTimes(): { wallMs: number; ticks: number }[] {
    const references = this.boxes.filter(({ type }) => type === 'prft')
    return references.map(({ body }) => ({
      wallMs: (body.readUInt32BE(8) - 2_208_988_800) * 1000 + (body.readUInt32BE(12) / 2 ** 32) * 1000,
      ticks: Number(body.readBigUInt64BE(16)),
    }))
  }
}

/** When a media time was captured; both in milliseconds. */
interface Reference {
  readonly mediaTime: number
  readonly wall: number
}

export class RecordingSink implements TapSink {
  readonly recordings: Recording[] = []
  /** Of each transcode that was opened. */
  readonly references: Reference[][] = []
  #refuse = false

  openVideo(layer: number): ByteSink {
    return this.#open(`video:${layer}`)
  }

  openAudio(): { aac: ByteSink; opus: ByteSink } {
    return { aac: this.#open('aac'), opus: this.#open('opus') }
  }

  /** As streams `rung:0`, … */
  openTranscoded(rungs: number): TranscodedSinks {
    const opened = Array.from({ length: rungs }, (_, rung) => this.#open(`rung:${rung}`))
    const references: Reference[] = []
    this.references.push(references)
    return {
      rungs: opened,
      get position() {
        const reached = opened.map(({ captureTimes }) => (captureTimes.at(-1)?.ticks ?? Number.NaN) / 90)
        return reached.some(Number.isNaN) ? null : Math.min(...reached)
      },
      reference: (mediaTime, wall) => references.push({ mediaTime, wall }),
    }
  }

  /** All openings of a stream, oldest first. */
  of(stream: string): Recording[] {
    return this.recordings.filter((recording) => recording.stream === stream)
  }

  /** Fragments of a stream's latest opening. */
  fragments(stream: string): number {
    return this.of(stream).at(-1)?.fragments ?? 0
  }

  /** The next opening throws; returns whether that has happened. */
  refuseOnce(): () => boolean {
    this.#refuse = true
    return () => !this.#refuse
  }

  #open(stream: string): Recording {
    if (this.#refuse) {
      this.#refuse = false
      throw new Error('no room')
    }
    const recording = new Recording(stream)
    this.recordings.push(recording)
    return recording
  }
}
