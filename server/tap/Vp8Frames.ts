/** Puts RTP packets of VP8 in order and together into frames; after a loss it begins again at a key frame. Pure. */
import { type RtpPacket, readRtp } from './rtpPacket.ts'
import { keyFrameSize, type PictureSize, readVp8Payload } from './vp8Payload.ts'

export interface Vp8Frame {
  /** Ticks of 90 kHz since the first frame; only ever grows. */
  readonly time: number
  /** 32 bits, as sender reports name it. */
  readonly timestamp: number
  /** Of key frames; null for others. */
  readonly size: PictureSize | null
  readonly data: Buffer
}

/** What the sender repeats after a NACK comes up to 162 ms late (facts.md): after this long it is lost. Milliseconds. */
const PATIENCE_MS = 200
/** Packets that wait for an earlier one, at most; 256 are 200 ms of 15 Mbit/s. */
const MOST_WAITING = 256
/** Bytes of one frame, at most. */
const MOST_BYTES = 4 * 1024 * 1024

export class Vp8Frames {
  /** By extended sequence number. */
  readonly #waiting = new Map<number, { packet: RtpPacket; since: number }>()
  #next: number | null = null
  #parts: Buffer[] = []
  #bytes = 0
  #timestamp: number | null = null
  #last: { time: number; timestamp: number } | null = null
  #keyFrameNeeded = true

  /** No frame can be given out until a key frame comes. */
  get keyFrameNeeded(): boolean {
    return this.#keyFrameNeeded
  }

  /** Takes a packet that came at an instant (milliseconds), and returns the frames that it completed. */
  push(bytes: Buffer, now: number): Vp8Frame[] {
    const packet = readRtp(bytes)
    if (!packet) return []
    this.#next ??= packet.sequence
    // Sequence numbers are 16 bits of one that goes on.
    const sequence = this.#next + (((packet.sequence - this.#next) << 16) >> 16)
    if (sequence < this.#next) return []
    this.#waiting.set(sequence, { packet, since: now })
    const frames: Vp8Frame[] = []
    this.#take(frames)
    const oldest = this.#waiting.values().next().value
    if (oldest && (now - oldest.since > PATIENCE_MS || this.#waiting.size > MOST_WAITING)) {
      this.#next = Math.min(...this.#waiting.keys())
      this.#lose()
      this.#take(frames)
    }
    return frames
  }

  #take(frames: Vp8Frame[]): void {
    while (this.#next !== null) {
      const found = this.#waiting.get(this.#next)
      if (!found) return
      this.#waiting.delete(this.#next)
      this.#next += 1
      const frame = this.#append(found.packet)
      if (frame) frames.push(frame)
    }
  }

  #append({ payload, timestamp, marker }: RtpPacket): Vp8Frame | null {
    const part = readVp8Payload(payload)
    if (!part) return null
    const begins = part.start && timestamp !== this.#timestamp
    // The frame before did not end, or this one has no beginning.
    if (begins ? this.#parts.length > 0 : this.#parts.length === 0 || timestamp !== this.#timestamp) this.#lose()
    if (begins) this.#timestamp = timestamp
    else if (this.#parts.length === 0) return null
    this.#parts.push(part.data)
    this.#bytes += part.data.length
    if (this.#bytes > MOST_BYTES) this.#lose()
    return marker && this.#parts.length > 0 ? this.#finish(timestamp) : null
  }

  #finish(timestamp: number): Vp8Frame | null {
    const data = Buffer.concat(this.#parts)
    this.#parts = []
    this.#bytes = 0
    const size = keyFrameSize(data)
    if (this.#keyFrameNeeded && !size) return null
    const last = this.#last
    const time = last ? last.time + ((timestamp - last.timestamp) | 0) : 0
    if (last && time <= last.time) return null
    this.#keyFrameNeeded = false
    this.#last = { time, timestamp }
    return { time, timestamp, size, data }
  }

  #lose(): void {
    this.#parts = []
    this.#bytes = 0
    this.#timestamp = null
    this.#keyFrameNeeded = true
  }
}
