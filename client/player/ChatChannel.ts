/** In charge of the data channel of one WebRTC attempt: there once the picture's path stands and somebody reads the chat. */
import type { types } from 'mediasoup-client'
import { NearcastError } from '../../shared/errors.ts'
import type { WatchSession } from './WatchSession.ts'

export class ChatChannel {
  readonly #session: WatchSession
  readonly #transport: types.Transport
  #isAsked = false
  #isOpen = false

  /** It needs nobody who closes it: it ends with its transport. What goes wrong leaves the chat on the socket. */
  static attach(session: WatchSession, transport: types.Transport): void {
    const channel = new ChatChannel(session, transport)
    const look = (): void => channel.#openWhenDue()
    const forget = session.chat.on('wanted', look)
    transport.on('connectionstatechange', look)
    transport.observer.once('close', () => {
      forget()
      channel.#ended()
    })
  }

  private constructor(session: WatchSession, transport: types.Transport) {
    this.#session = session
    this.#transport = transport
  }

  #openWhenDue(): void {
    if (this.#isAsked || !this.#session.chat.isWanted || this.#transport.connectionState !== 'connected') return
    this.#isAsked = true
    this.#open().catch((error: unknown) => {
      if (this.#transport.closed || error instanceof NearcastError) return
      throw error
    })
  }

  async #open(): Promise<void> {
    const { chat } = this.#session
    const options = await this.#session.request('watch:channel:create', { transportId: this.#transport.id })
    const consumer = await this.#transport.consumeData(options)
    consumer.on('message', (message) => chat.receive(message))
    consumer.on('close', () => this.#ended())
    if (consumer.readyState !== 'open') await new Promise<void>((resolve) => consumer.once('open', resolve))
    this.#isOpen = true
    await this.#session.request('watch:channel:open', { channelId: options.id })
  }

  #ended(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#session.chat.channelClosed()
  }
}
