/** Transports by which a publisher finds out which ways there are to the SFU; nothing is ever sent over them. */
import type { types } from 'mediasoup'
import { NearcastError } from '../../shared/errors.ts'
import type { DtlsParameters } from '../../shared/rtp.ts'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import type { SfuRouter } from '../sfu/SfuRouter.ts'

interface Probe {
  readonly transport: types.WebRtcTransport
  readonly forget: CancelTimer
  isConnected: boolean
}

/** At once: UDP, TCP, and TURN over UDP, TCP and TLS, with room for one that was not given back yet. */
const MAX_PROBES = 6

/** Milliseconds that one lives: a way that has not worked by then does not work. */
const LIFE = 20_000

/** Belongs to one publisher's socket, and closes with it. */
export class Probes {
  readonly #clock: Clock
  readonly #open = new Map<string, Probe>()
  #making = 0
  #isClosed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#open.size
  }

  /** Throws `wrong-state` when there are too many. */
  async create(router: SfuRouter): Promise<types.WebRtcTransport> {
    if (this.#open.size + this.#making >= MAX_PROBES) throw new NearcastError('wrong-state', 'Too many probes at once.')
    this.#making += 1
    const transport = await router.createPublisherTransport().finally(() => {
      this.#making -= 1
    })
    const { id } = transport
    const forget = this.#clock.after(LIFE, () => this.#drop(id))
    this.#open.set(id, { transport, forget, isConnected: false })
    transport.observer.once('close', () => this.#drop(id))
    if (this.#isClosed) this.#drop(id)
    return transport
  }

  /** Throws `unknown-id` for a transport that is none of these. */
  async connect(transportId: string, dtlsParameters: DtlsParameters): Promise<void> {
    const probe = this.#own(transportId)
    if (probe.isConnected) throw new NearcastError('wrong-state', 'It is connected already.')
    probe.isConnected = true
    await probe.transport.connect({ dtlsParameters })
  }

  drop(transportId: string): void {
    this.#own(transportId)
    this.#drop(transportId)
  }

  close(): void {
    this.#isClosed = true
    for (const id of [...this.#open.keys()]) this.#drop(id)
  }

  #own(transportId: string): Probe {
    const probe = this.#open.get(transportId)
    if (probe === undefined) throw new NearcastError('unknown-id')
    return probe
  }

  #drop(id: string): void {
    const probe = this.#open.get(id)
    if (probe === undefined) return
    this.#open.delete(id)
    probe.forget()
    probe.transport.close()
  }
}
