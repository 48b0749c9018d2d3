/** What everyone on a router is told by data channels: one data producer without a peer, and an outlet a transport. */
import type { types } from 'mediasoup'
import type { SctpStreamParameters } from '../../shared/rtp.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'

interface Events extends Record<string, unknown[]> {
  /** Nothing more comes out: its transport or router closed, SCTP failed, or the browser took too little. */
  closed: []
}

/** One data channel of one viewer. */
export class DataOutlet extends TypedEmitter<Events> {
  readonly #consumer: types.DataConsumer

  constructor(consumer: types.DataConsumer, transport: types.WebRtcTransport) {
    super()
    this.#consumer = consumer
    // A message that does not fit is thrown away by mediasoup: then this channel tells less than everything.
    consumer.on('sctpsendbufferfull', () => this.close())
    const onState = (state: types.SctpState) => {
      if (state === 'failed' || state === 'closed') this.close()
    }
    transport.on('sctpstatechange', onState)
    consumer.observer.once('close', () => {
      transport.off('sctpstatechange', onState)
      this.emit('closed')
      this.removeAllListeners()
    })
  }

  get id(): string {
    return this.#consumer.id
  }

  get dataProducerId(): string {
    return this.#consumer.dataProducerId
  }

  get sctpStreamParameters(): SctpStreamParameters {
    const { streamId = 0 } = this.#consumer.sctpStreamParameters ?? {}
    return { streamId, ordered: true }
  }

  close(): void {
    this.#consumer.close()
  }
}

export class DataFeed {
  readonly #producer: types.DataProducer

  static async create(router: types.Router): Promise<DataFeed> {
    const transport = await router.createDirectTransport()
    try {
      return new DataFeed(await transport.produceData({ label: 'together' }))
    } catch (error) {
      transport.close()
      throw error
    }
  }

  private constructor(producer: types.DataProducer) {
    this.#producer = producer
  }

  /** To every outlet, in the order of the calls. Nothing happens once the router is closed. */
  send(text: string): void {
    if (!this.#producer.closed) this.#producer.send(text)
  }

  async openOutlet(transport: types.WebRtcTransport): Promise<DataOutlet> {
    const consumer = await transport.consumeData({ dataProducerId: this.#producer.id, ordered: true })
    return new DataOutlet(consumer, transport)
  }
}
