/** A real FFmpeg that encodes test pictures and a tone and sends them over RTP, by way of one socket, into a router. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { types } from 'mediasoup'

const opusType = 100
const h264Type = 102
const audioSsrc = 1000

/** Frames per second of the pictures; a key frame comes twice a second. */
const framesPerSecond = 30

/** SSRC of a layer, the smallest picture first. */
const layerSsrc = (layer: number) => 2000 + layer

/** How many packets of a stream were kept back so far. */
interface Silence {
  on: boolean
  packets: number
}

export class RtpSender {
  readonly #encoder: ChildProcess
  readonly #relay: Socket
  readonly #silenced: Map<number, Silence>
  readonly #transport: types.PlainTransport
  readonly #layers: number

  /** @param layers Simulcast layers, 320×180 and multiples of it. */
  static async create(router: types.Router, layers: number): Promise<RtpSender> {
    const transport = await router.createPlainTransport({
      listenInfo: { protocol: 'udp', ip: '127.0.0.1' },
      rtcpMux: true,
      comedia: true,
    })
    const relay = createSocket('udp4')
    relay.bind(0, '127.0.0.1')
    await once(relay, 'listening')
    const silenced = new Map<number, Silence>()
    relay.on('message', (packet, from) => {
      // What comes back from the SFU (key-frame requests) the encoder would not understand.
      if (from.port === transport.tuple.localPort) return
      if (passes(packet, silenced)) relay.send(packet, transport.tuple.localPort, '127.0.0.1')
    })
    const encoder = spawn('ffmpeg', encoderArguments(relay.address().port, layers), { stdio: 'ignore' })
    await once(encoder, 'spawn')
    return new RtpSender(encoder, relay, silenced, transport, layers)
  }

  private constructor(
    encoder: ChildProcess,
    relay: Socket,
    silenced: Map<number, Silence>,
    transport: types.PlainTransport,
    layers: number,
  ) {
    this.#encoder = encoder
    this.#relay = relay
    this.#silenced = silenced
    this.#transport = transport
    this.#layers = layers
  }

  produceVideo(): Promise<types.Producer> {
    return this.#transport.produce({
      kind: 'video',
      rtpParameters: {
        codecs: [
          {
            mimeType: 'video/H264',
            payloadType: h264Type,
            clockRate: 90_000,
            parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
            rtcpFeedback: [{ type: 'nack', parameter: 'pli' }],
          },
        ],
        encodings: Array.from({ length: this.#layers }, (_, layer) => ({ ssrc: layerSsrc(layer) })),
        rtcp: { cname: 'test' },
      },
    })
  }

  produceAudio(): Promise<types.Producer> {
    return this.#transport.produce({
      kind: 'audio',
      rtpParameters: {
        codecs: [{ mimeType: 'audio/opus', payloadType: opusType, clockRate: 48_000, channels: 2 }],
        encodings: [{ ssrc: audioSsrc }],
        rtcp: { cname: 'test' },
      },
    })
  }

  /** Keeps a layer's packets back, as when a browser switches an encoding off: without a gap in the numbers. */
  stopLayer(layer: number): void {
    this.#silenced.set(layerSsrc(layer), { on: true, packets: this.#silenced.get(layerSsrc(layer))?.packets ?? 0 })
  }

  resumeLayer(layer: number): void {
    const silence = this.#silenced.get(layerSsrc(layer))
    if (silence) silence.on = false
  }

  async close(): Promise<void> {
    this.#transport.close()
    const gone = once(this.#encoder, 'close')
    this.#encoder.kill('SIGKILL')
    await gone
    this.#relay.close()
  }
}

/** Whether a packet goes on to the SFU; closes the gap that packets kept back would leave. */
function passes(packet: Buffer, silenced: Map<number, Silence>): boolean {
  const rtcp = packet.readUInt8(1) >= 200 && packet.readUInt8(1) <= 206
  const silence = silenced.get(packet.readUInt32BE(rtcp ? 4 : 8))
  if (!silence) return true
  if (rtcp) return !silence.on
  if (silence.on) silence.packets += 1
  else packet.writeUInt16BE((packet.readUInt16BE(2) - silence.packets) & 0xffff, 2)
  return !silence.on
}

function encoderArguments(port: number, layers: number): string[] {
  const url = `rtp://127.0.0.1:${port}?rtcpport=${port}&pkt_size=1200`
  const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline']
  const video = Array.from({ length: layers }, (_, layer) => [
    ...['-map', '0:v', '-s', `${320 * (layer + 1)}x${180 * (layer + 1)}`, ...x264, '-g', String(framesPerSecond / 2)],
    ...['-f', 'rtp', '-payload_type', String(h264Type), '-ssrc', String(layerSsrc(layer)), url],
  ])
  return [
    ...['-hide_banner', '-loglevel', 'error', '-nostdin'],
    ...['-re', '-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=${framesPerSecond}`],
    ...['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'],
    ...video.flat(),
    ...['-map', '1:a', '-c:a', 'libopus', '-ac', '2', '-f', 'rtp', '-payload_type', String(opusType)],
    ...['-ssrc', String(audioSsrc), url],
  ]
}
