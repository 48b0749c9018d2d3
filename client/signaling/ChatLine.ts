/** In charge of a chat's way between page and server: requests up, and down, by socket or data channel, one stream. */
import type { ChatEvent } from '../../shared/chat.ts'
import type { Answers, Params, RequestName } from '../../shared/signaling.ts'
import { Emitter } from '../lib/Emitter.ts'
import type { SignalingClient } from './SignalingClient.ts'

export type ChatRequest = Extract<RequestName, `chat:${string}`>

export type ChatLineEvents = {
  /** Joined, for the first time or again. */
  joined: []
  /** As it came: maybe once more, maybe too early. */
  event: [event: ChatEvent]
  blocked: [isBlocked: boolean]
  /** A way by which events came has ended; what was on it may be missing. */
  gap: []
  /** Somebody reads the chat from now on: a data channel for it is worth while. */
  wanted: []
}

/** Belongs to whoever has the connection. */
export class ChatLine extends Emitter<ChatLineEvents> {
  readonly #client: SignalingClient
  #isWanted = false

  constructor(client: SignalingClient) {
    super()
    this.#client = client
    client.on('connected', () => this.emit('joined'))
    client.on('chat', (event) => this.emit('event', event))
    client.on('chat:blocked', ({ blocked }) => this.emit('blocked', blocked))
  }

  get isJoined(): boolean {
    return this.#client.state.kind === 'connected'
  }

  get isWanted(): boolean {
    return this.#isWanted
  }

  want(): void {
    if (this.#isWanted) return
    this.#isWanted = true
    this.emit('wanted')
  }

  request<Name extends ChatRequest>(name: Name, params: Params<Name>): Promise<Answers[Name]> {
    return this.#client.request(name, params)
  }

  /** A message of a data channel: the server's JSON. */
  receive(message: unknown): void {
    if (typeof message === 'string') this.emit('event', JSON.parse(message) as ChatEvent)
  }

  /** A data channel has closed. */
  channelClosed(): void {
    this.emit('gap')
  }

  close(): void {
    this.removeAllListeners()
  }
}
