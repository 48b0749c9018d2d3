/** The data channels of one viewer: at most one a transport, and which of them the browser says that it receives by. */
import { NearcastError } from '../../shared/errors.ts'
import type { ChannelOptions } from '../../shared/signaling.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import type { DataOutlet } from '../sfu/DataFeed.ts'

interface Events extends Record<string, unknown[]> {
  /** What everyone is told comes by a data channel from now on, or no more. */
  changed: [isOpen: boolean]
}

export class ViewerChannels extends TypedEmitter<Events> {
  /** By their transport's id. */
  readonly #outlets = new Map<string, DataOutlet>()
  #open: DataOutlet | null = null

  get hasOpen(): boolean {
    return this.#open !== null
  }

  /** Adds the channel of a transport, one after the other. Throws `wrong-state` for a second one. */
  async create(transportId: string, openOutlet: () => Promise<DataOutlet>): Promise<ChannelOptions> {
    if (this.#outlets.has(transportId)) throw new NearcastError('wrong-state', 'It has a data channel already.')
    const outlet = await openOutlet()
    this.#outlets.set(transportId, outlet)
    outlet.once('closed', () => {
      this.#outlets.delete(transportId)
      if (this.#open === outlet) this.#set(null)
    })
    const { id, dataProducerId, sctpStreamParameters } = outlet
    return { id, dataProducerId, sctpStreamParameters }
  }

  /** The browser receives by this one. Throws `unknown-id`. */
  open(channelId: string): void {
    const outlet = [...this.#outlets.values()].find(({ id }) => id === channelId)
    if (outlet === undefined) throw new NearcastError('unknown-id')
    this.#set(outlet)
  }

  #set(outlet: DataOutlet | null): void {
    const isNews = (outlet === null) !== (this.#open === null)
    this.#open = outlet
    if (isNews) this.emit('changed', outlet !== null)
  }
}
