/** Notices whether RTP arrives on a publisher's transport: bytes received, read four times a second. */
import type { types } from 'mediasoup'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'

interface Events extends Record<string, unknown[]> {
  change: [isFlowing: boolean]
}

/** Milliseconds between two looks; a viewer's own detector acts after 1 s, so the server must know before that. */
const INTERVAL = 250

/** Looks without a new byte after which the flow counts as ceased: silence and black still send 80 packets a second. */
const QUIET_LOOKS = 2

export class FlowDetector extends TypedEmitter<Events> {
  readonly #clock: Clock
  readonly #transport: () => types.WebRtcTransport | null
  #cancel: CancelTimer | null = null
  #bytes = 0
  #quiet = 0
  #flowing = false

  constructor(clock: Clock, transport: () => types.WebRtcTransport | null) {
    super()
    this.#clock = clock
    this.#transport = transport
  }

  get isFlowing(): boolean {
    return this.#flowing
  }

  /** Begins to look; harmless when it looks already. */
  start(): void {
    this.#cancel ??= this.#clock.every(INTERVAL, () => void this.#look())
  }

  /** Ceases to look; the flow counts as ceased. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#bytes = 0
    this.#quiet = 0
    this.#set(false)
  }

  close(): void {
    this.stop()
    this.removeAllListeners()
  }

  async #look(): Promise<void> {
    const transport = this.#transport()
    if (transport === null || transport.closed) return
    const stats = await transport.getStats().catch(() => [])
    if (this.#cancel === null || transport !== this.#transport()) return
    const bytes = stats[0]?.rtpBytesReceived ?? 0
    this.#quiet = bytes > this.#bytes ? 0 : this.#quiet + 1
    this.#bytes = bytes
    if (this.#quiet === 0) this.#set(true)
    else if (this.#quiet >= QUIET_LOOKS) this.#set(false)
  }

  #set(flowing: boolean): void {
    if (flowing === this.#flowing) return
    this.#flowing = flowing
    this.emit('change', flowing)
  }
}
