/** In charge of a chat as a page has it, without DOM: reading on by itself, writing, and what the broadcaster may do. */
import type { BlockedPerson, ChatMessage, ChatReactions, ChatRules, Reaction } from '../../shared/chat.ts'
import { NearcastError } from '../../shared/errors.ts'
import type { Params } from '../../shared/signaling.ts'
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import type { ChatLine } from '../signaling/ChatLine.ts'
import { ChatLog } from './ChatLog.ts'

export type ChatStoreEvents = {
  change: []
  reactions: [counts: ChatReactions['counts']]
}

/** What the store needs of a line. */
export type ChatWire = Pick<ChatLine, 'on' | 'isJoined' | 'want' | 'request'>

/** Milliseconds before what could not be read is asked for again, and that a message waits for a lost connection. */
const READ_PAUSE = 2_000
const SEND_PATIENCE = 8_000

export class ChatStore extends Emitter<ChatStoreEvents> {
  readonly #wire: ChatWire
  readonly #clock: Clock
  readonly #log = new ChatLog()
  readonly #forget: (() => void)[]
  #isReading = false
  #readAgain = false
  #hasRead = false
  #isBlocked = false
  #blockedPeople: readonly BlockedPerson[] = []
  #cancelRetry: CancelTimer | undefined
  #closed = false

  constructor(wire: ChatWire, clock: Clock = systemClock) {
    super()
    this.#wire = wire
    this.#clock = clock
    this.#forget = [
      wire.on('joined', () => void this.#read()),
      wire.on('gap', () => void this.#read()),
      wire.on('event', (event) => {
        this.#show(this.#log.take(event))
        if (this.#log.hasGap) void this.#read()
        this.emit('change')
      }),
      wire.on('blocked', (isBlocked) => {
        this.#isBlocked = isBlocked
        this.emit('change')
      }),
    ]
    wire.want()
    if (wire.isJoined) void this.#read()
  }

  /** Whether it is known what was said. */
  get hasRead(): boolean {
    return this.#hasRead
  }

  get messages(): readonly ChatMessage[] {
    return this.#log.messages
  }

  get rules(): ChatRules {
    return this.#log.rules
  }

  /** We may not write. */
  get isBlocked(): boolean {
    return this.#isBlocked
  }

  /** For the broadcaster. */
  get blockedPeople(): readonly BlockedPerson[] {
    return this.#blockedPeople
  }

  /** Says something as a viewer. Rejects with why it was not said. */
  async send(name: string, text: string): Promise<void> {
    const message = { key: newKey(), name, text }
    await this.#insist(() => this.#wire.request('chat:send', message))
  }

  /** Says something as the broadcaster. */
  async say(text: string): Promise<void> {
    const message = { key: newKey(), text }
    await this.#insist(() => this.#wire.request('chat:say', message))
  }

  /** A tap that is lost is no loss. */
  react(reaction: Reaction): void {
    this.#wire.request('chat:react', { reaction }).catch(ignoreRefusal)
  }

  delete(number: number): void {
    this.#wire.request('chat:delete', { number }).catch(ignoreRefusal)
  }

  async block(number: number): Promise<void> {
    const person = await this.#wire.request('chat:block', { number }).catch(ignoreRefusal)
    if (!person) return
    this.#blockedPeople = [...this.#blockedPeople.filter(({ who }) => who !== person.who), person]
    this.emit('change')
  }

  async unblock(who: number): Promise<void> {
    await this.#wire.request('chat:unblock', { who }).catch(ignoreRefusal)
    this.#blockedPeople = this.#blockedPeople.filter((person) => person.who !== who)
    this.emit('change')
  }

  configure(rules: Params<'chat:configure'>): void {
    this.#wire.request('chat:configure', rules).catch(ignoreRefusal)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.removeAllListeners()
    this.#cancelRetry?.()
    for (const step of this.#forget) step()
  }

  async #read(): Promise<void> {
    if (this.#closed) return
    this.#readAgain = this.#isReading
    if (this.#isReading) return
    this.#isReading = true
    this.#cancelRetry?.()
    try {
      const reading = await this.#wire.request('chat:read', this.#log.position)
      if (this.#closed) return
      const taps = this.#log.fill(reading)
      this.#hasRead = true
      this.#isBlocked = reading.blocked
      this.#blockedPeople = reading.blockedPeople
      this.#show(taps)
      this.emit('change')
    } catch (error) {
      ignoreRefusal(error)
      // Joining again reads by itself; while the connection stands, it was only too much at once.
      if (!this.#closed) this.#cancelRetry = this.#clock.after(READ_PAUSE, () => void this.#retry())
    } finally {
      this.#isReading = false
    }
    if (this.#readAgain) await this.#read()
  }

  async #retry(): Promise<void> {
    if (this.#wire.isJoined) await this.#read()
  }

  #show(taps: readonly ChatReactions[]): void {
    for (const { counts } of taps) this.emit('reactions', counts)
  }

  /** Sent once more after a lost connection: its key keeps it from being said twice. */
  async #insist(send: () => Promise<unknown>): Promise<void> {
    try {
      await send()
    } catch (error) {
      if (!(error instanceof NearcastError) || error.code !== 'internal') throw error
      if (!this.#wire.isJoined) await this.#joined()
      await send()
    }
  }

  #joined(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        forget()
        cancel()
        resolve()
      }
      const forget = this.#wire.on('joined', done)
      const cancel = this.#clock.after(SEND_PATIENCE, done)
    })
  }
}

/** Twenty characters by chance; `crypto.randomUUID` is for secure contexts only. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(20))].map((byte) => (byte % 36).toString(36)).join('')
}

function ignoreRefusal(error: unknown): undefined {
  if (!(error instanceof NearcastError)) throw error
}
