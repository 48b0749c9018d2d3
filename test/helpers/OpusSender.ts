/** In charge of a source of sound in Opus: two seconds of it, over and over, in real time. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { types } from 'mediasoup'
import { senderReport } from './senderReport.ts'

const SSRC = 4000
const PAYLOAD_TYPE = 111
const CLOCK_RATE = 48_000
const PACKET_MS = 20
const SECONDS = 2
/** Packets from one sender report to the next: half a second. */
const REPORT_EVERY = 25

export class OpusSender {
  readonly producer: types.Producer
  readonly #transport: types.DirectTransport
  readonly #packets: readonly Buffer[]
  #start = 0
  #sent = 0
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** Nothing is sent before `begin`. @param source FFmpeg's description of the sound */
  static async create(router: types.Router, source: string): Promise<OpusSender> {
    const packets = await encode(source)
    const transport = await router.createDirectTransport()
    const producer = await transport.produce({
      kind: 'audio',
      rtpParameters: {
        codecs: [{ mimeType: 'audio/opus', payloadType: PAYLOAD_TYPE, clockRate: CLOCK_RATE, channels: 2 }],
        encodings: [{ ssrc: SSRC }],
        rtcp: { cname: 'test' },
      },
    })
    return new OpusSender(transport, producer, packets)
  }

  private constructor(transport: types.DirectTransport, producer: types.Producer, packets: readonly Buffer[]) {
    this.#transport = transport
    this.producer = producer
    this.#packets = packets
  }

  /** Sends from now on; returns the instant, by `performance.now()`. */
  begin(): number {
    this.#start = performance.now()
    this.#send()
    return this.#start
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.producer.close()
  }

  #send(): void {
    if (this.#closed) return
    const timestamp = (this.#sent * CLOCK_RATE * PACKET_MS) / 1000
    const captured = this.#start + this.#sent * PACKET_MS
    if (this.#sent % REPORT_EVERY === 0) this.#transport.sendRtcp(senderReport(SSRC, timestamp, captured))
    const payload = this.#packets[this.#sent % this.#packets.length] ?? Buffer.alloc(0)
    const header = Buffer.alloc(12)
    header.writeUInt8(0x80, 0)
    header.writeUInt8(PAYLOAD_TYPE, 1)
    header.writeUInt16BE(this.#sent & 0xffff, 2)
    header.writeUInt32BE(timestamp, 4)
    header.writeUInt32BE(SSRC, 8)
    this.producer.send(Buffer.concat([header, payload]))
    this.#sent += 1
    this.#timer = setTimeout(() => this.#send(), Math.max(0, captured + PACKET_MS - performance.now()))
  }
}

/** The packets of two seconds, each on an Ogg page of its own (RFC 3533, 6; RFC 7845: two header pages come first). */
async function encode(source: string): Promise<Buffer[]> {
  const codec = ['-ac', '2', '-c:a', 'libopus', '-b:a', '64k', '-frame_duration', `${PACKET_MS}`]
  const output = ['-page_duration', `${PACKET_MS * 1000}`, '-f', 'ogg', 'pipe:1']
  const input = ['-f', 'lavfi', '-i', source, '-t', `${SECONDS}`]
  const child = spawn('ffmpeg', ['-loglevel', 'error', '-nostdin', ...input, ...codec, ...output])
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(child, 'close')
  const file = Buffer.concat(chunks)
  const pages: Buffer[] = []
  for (let at = 0; at + 27 <= file.length; ) {
    const segments = file.readUInt8(at + 26)
    const body = at + 27 + segments
    const length = file.subarray(at + 27, body).reduce((sum, size) => sum + size, 0)
    pages.push(file.subarray(body, body + length))
    at = body + length
  }
  const packets = pages.slice(2, 2 + (SECONDS * 1000) / PACKET_MS)
  if (packets.length * PACKET_MS !== SECONDS * 1000) throw new Error(`${packets.length} packets were encoded`)
  return packets
}
