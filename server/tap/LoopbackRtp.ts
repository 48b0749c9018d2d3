/** In charge of receiving RTP and RTCP of an SFU on this machine: one UDP socket, and the plain transport that sends to it. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { types } from 'mediasoup'
import { Disposer } from '../lib/Disposer.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'

type LoopbackEvents = {
  rtp: [packet: Buffer]
  /** A compound packet. */
  rtcp: [packet: Buffer]
  /** The transport or its router is gone, or the socket failed; all is closed. */
  closed: [reason: string]
}

const LOOPBACK = '127.0.0.1'
/**
 * Bytes the kernel keeps while this process is busy; it takes its own limit when that is less (Linux: `net.core.rmem_max`,
 * 208 KiB, doubled: half a second of 3 Mbit/s).
 */
const RECEIVE_BUFFER = 1024 * 1024

export class LoopbackRtp extends TypedEmitter<LoopbackEvents> {
  /** For consumers; what they send arrives here. */
  readonly transport: types.PlainTransport
  readonly #socket: Socket
  #closed = false

  /** `sfuPorts`: where the SFU's own end may be; anywhere when left out. @throws when there is no port, or the SFU refuses. */
  static async create(router: types.Router, sfuPorts?: { min: number; max: number }): Promise<LoopbackRtp> {
    const disposer = new Disposer()
    try {
      const transport = await router.createPlainTransport({
        listenInfo: { protocol: 'udp', ip: LOOPBACK, ...(sfuPorts && { portRange: sfuPorts }) },
        rtcpMux: true,
        comedia: false,
      })
      disposer.add(() => transport.close())
      const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER })
      disposer.add(() => void socket.close())
      socket.bind(0, LOOPBACK)
      await once(socket, 'listening')
      // The kernel then lets nobody else's packets in.
      socket.connect(transport.tuple.localPort, LOOPBACK)
      await once(socket, 'connect')
      await transport.connect({ ip: LOOPBACK, port: socket.address().port })
      return new LoopbackRtp(transport, socket)
    } catch (error) {
      await disposer.close()
      throw error
    }
  }

  private constructor(transport: types.PlainTransport, socket: Socket) {
    super()
    this.transport = transport
    this.#socket = socket
    socket.on('message', (packet) => this.emit(isRtcp(packet) ? 'rtcp' : 'rtp', packet))
    socket.on('error', (error) => this.#lose(error.message))
    transport.observer.on('close', () => this.#lose('transport closed'))
  }

  /** Nothing arrives from now on. Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.removeAllListeners()
    this.#socket.close()
    this.transport.close()
  }

  #lose(reason: string): void {
    if (this.#closed) return
    this.emit('closed', reason)
    this.close()
  }
}

/** By the packet types that RFC 5761 (section 4) keeps free of RTP payload types. */
function isRtcp(packet: Buffer): boolean {
  const type = packet[1] ?? 0
  return type >= 192 && type <= 223
}
