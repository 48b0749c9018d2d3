/** In charge of a source of VP8 that does what it is told: pictures of any size, in real time, with losses on demand. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { types } from 'mediasoup'
import { senderReport } from './senderReport.ts'

/** Pictures that follow each other, all of one size. */
export interface Scene {
  readonly width: number
  readonly height: number
  /** Frames a second. */
  readonly rate: number
  /** FFmpeg's description of the pictures; colours that move by default. */
  readonly source?: string
}

const SSRC = 3000
const PAYLOAD_TYPE = 96
const CLOCK_RATE = 90_000
const MOST_PAYLOAD = 1100
/** Key frames twice a second, since nobody answers requests. */
const KEY_FRAMES_PER_SECOND = 2
const SECONDS = 2
/** Milliseconds. */
const REPORT_EVERY_MS = 500

/** Two seconds of moving pictures of each scene, shown over and over until another scene is asked for. */
export class Vp8Sender {
  readonly producer: types.Producer
  readonly #transport: types.DirectTransport
  readonly #scenes: ReadonlyMap<Scene, readonly Buffer[]>
  #scene: Scene
  #frame = 0
  #sequence = 100
  #timestamp = 4_294_900_000
  /** When the next frame is captured, by `performance.now()`; sent then, or as soon after as the timer runs. */
  #due = 0
  #reportedAt = Number.NEGATIVE_INFINITY
  #lost = 0
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** Nothing is sent before `begin`. */
  static async create(router: types.Router, scenes: readonly [Scene, ...Scene[]]): Promise<Vp8Sender> {
    const encoded = new Map<Scene, readonly Buffer[]>()
    for (const scene of scenes) encoded.set(scene, await encode(scene))
    const transport = await router.createDirectTransport()
    const producer = await transport.produce({
      kind: 'video',
      rtpParameters: {
        codecs: [{ mimeType: 'video/VP8', payloadType: PAYLOAD_TYPE, clockRate: CLOCK_RATE }],
        encodings: [{ ssrc: SSRC }],
        rtcp: { cname: 'test' },
      },
    })
    return new Vp8Sender(transport, producer, encoded, scenes[0])
  }

  private constructor(
    transport: types.DirectTransport,
    producer: types.Producer,
    scenes: ReadonlyMap<Scene, readonly Buffer[]>,
    scene: Scene,
  ) {
    this.#transport = transport
    this.producer = producer
    this.#scenes = scenes
    this.#scene = scene
  }

  /** Sends from now on; returns the instant, by `performance.now()`. */
  begin(): number {
    const now = performance.now()
    this.#due = now
    this.#send()
    return now
  }

  /** Shows another of the scenes, from its beginning, which is a key frame. */
  show(scene: Scene): void {
    this.#scene = scene
    this.#frame = 0
  }

  /** Keeps the next packets back: their numbers are missing for ever. */
  lose(packets: number): void {
    this.#lost = packets
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.producer.close()
  }

  #send(): void {
    if (this.#closed) return
    if (this.#due >= this.#reportedAt + REPORT_EVERY_MS) {
      this.#reportedAt = this.#due
      this.#transport.sendRtcp(senderReport(SSRC, this.#timestamp, this.#due))
    }
    const frames = this.#scenes.get(this.#scene) ?? []
    const frame = frames[this.#frame++ % frames.length]
    if (frame) for (const packet of this.#packets(frame)) this.producer.send(packet)
    this.#timestamp = (this.#timestamp + CLOCK_RATE / this.#scene.rate) % 2 ** 32
    this.#due += 1000 / this.#scene.rate
    this.#timer = setTimeout(() => this.#send(), Math.max(0, this.#due - performance.now()))
  }

  #packets(frame: Buffer): Buffer[] {
    const packets: Buffer[] = []
    for (let at = 0; at < frame.length; at += MOST_PAYLOAD) {
      const header = Buffer.alloc(13)
      const last = at + MOST_PAYLOAD >= frame.length
      header.writeUInt8(0x80, 0)
      header.writeUInt8(PAYLOAD_TYPE | (last ? 0x80 : 0), 1)
      header.writeUInt16BE(this.#sequence, 2)
      header.writeUInt32BE(this.#timestamp, 4)
      header.writeUInt32BE(SSRC, 8)
      // The VP8 payload descriptor of RFC 7741: a frame's first packet begins its first partition.
      header.writeUInt8(at === 0 ? 0x10 : 0x00, 12)
      this.#sequence = (this.#sequence + 1) & 0xffff
      if (this.#lost > 0) this.#lost -= 1
      else packets.push(Buffer.concat([header, frame.subarray(at, at + MOST_PAYLOAD)]))
    }
    return packets
  }
}

/** The frames of two seconds. */
async function encode({ width, height, rate, source = 'testsrc2' }: Scene): Promise<Buffer[]> {
  const scaled = `${source},scale=${width}:${height},fps=${rate}`
  const input = ['-f', 'lavfi', '-i', scaled, '-t', `${SECONDS}`]
  const codec = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '600k']
  const keys = ['-g', `${rate / KEY_FRAMES_PER_SECOND}`, '-keyint_min', `${rate / KEY_FRAMES_PER_SECOND}`]
  const child = spawn('ffmpeg', ['-loglevel', 'error', '-nostdin', ...input, ...codec, ...keys, '-f', 'ivf', 'pipe:1'])
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(child, 'close')
  const file = Buffer.concat(chunks)
  const frames: Buffer[] = []
  for (let at = 32; at + 12 <= file.length; at += 12 + file.readUInt32LE(at)) {
    frames.push(file.subarray(at + 12, at + 12 + file.readUInt32LE(at)))
  }
  if (frames.length !== rate * SECONDS) throw new Error(`${frames.length} frames of ${width}x${height} were encoded`)
  return frames
}
