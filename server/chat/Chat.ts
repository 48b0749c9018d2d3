/** The chat of one broadcast: who may write, in which order it is read, what the broadcaster takes away. */
import { randomBytes } from 'node:crypto'
import { type BlockedPerson, type ChatEvent, type ChatReading, type ChatRules, isChatName } from '../../shared/chat.ts'
import { type ErrorCode, NearcastError } from '../../shared/errors.ts'
import type { Params } from '../../shared/signaling.ts'
import type { Clock } from '../lib/clock.ts'
import { TypedEmitter } from '../lib/TypedEmitter.ts'
import type { Logger } from '../ops/logger.ts'
import type { Counter } from '../ops/metrics.ts'
import { BlockList } from './BlockList.ts'
import type { ChatAuthor } from './ChatAuthor.ts'
import { ChatHistory } from './ChatHistory.ts'
import { ChatLimits, type Limit } from './ChatLimits.ts'
import { Taps } from './Taps.ts'

/** What all chats of a server share. */
export interface ChatSettings {
  /** Messages a second that a viewer may go on writing. */
  rate: number
  /** Messages kept for who comes later. */
  history: number
  /** Counts what was said, tapped and taken away, by `what`. */
  counted: Counter
  /** Counts what was refused, by `why`. */
  refused: Counter
}

interface Events extends Record<string, unknown[]> {
  /** To be handed to everyone who reads, in this order. */
  event: [ChatEvent]
  /** Somebody was blocked, or may write again. */
  blocks: []
}

/** People who are told apart at once; who has said nothing for longest is somebody new. */
const MAX_PEOPLE = 20_000

/** Numbers in one removal: as many as fit into a data channel's message. */
const MAX_REMOVED = 200

export class Chat extends TypedEmitter<Events> {
  readonly #settings: ChatSettings
  readonly #clock: Clock
  readonly #log: Logger
  readonly #history: ChatHistory
  readonly #limits: ChatLimits
  readonly #blocks = new BlockList()
  readonly #taps: Taps
  readonly #people = new Map<string, number>()
  #peopleSeen = 0
  #rules: ChatRules = { state: 'open', slow: 0 }
  #latest: ChatEvent | null = null

  constructor(settings: ChatSettings, clock: Clock, log: Logger) {
    super()
    this.#settings = settings
    this.#clock = clock
    this.#log = log
    this.#history = new ChatHistory(randomBytes(6).toString('base64url'), settings.history)
    this.#limits = new ChatLimits(settings.rate, clock)
    this.#taps = new Taps(clock, (counts) => this.#tell(this.#history.number({ kind: 'reactions', counts })))
  }

  /** The last event there was: shown to somebody once more, it tells whether anything was missed. */
  get latest(): ChatEvent | null {
    return this.#latest
  }

  /** What the reader lacks who has everything of `run` up to `after`. */
  read(reader: ChatAuthor, { run, after }: Params<'chat:read'>): ChatReading {
    return {
      ...this.#history.since(run, after),
      rules: this.#rules,
      blocked: this.#blocks.has(reader),
      blockedPeople: reader.isBroadcaster ? this.#blocks.people : [],
    }
  }

  isBlocked(author: ChatAuthor): boolean {
    return this.#blocks.has(author)
  }

  /**
   * Says something; the same `key` of an author is said once. Throws `chat-closed`, `chat-blocked`, `chat-name` or
   * `chat-too-fast`. The broadcaster has no name.
   */
  say(author: ChatAuthor, { key, name = '', text }: { key: string; name?: string; text: string }): { number: number } {
    const said = this.#history.find(author, key)
    if (said !== null) return { number: said }
    this.#assertMayWrite(author)
    if (!author.isBroadcaster && !isChatName(name)) throw this.#refusal('chat-name')
    this.#assertInTime(this.#limits.takeMessage(author))
    const at = Math.round(this.#clock.now())
    const event = this.#history.write({ at, who: this.#whoIs(author), name, text }, author, key)
    this.#settings.counted.inc({ what: 'message' })
    this.#tell(event)
    return { number: event.number }
  }

  /** Throws as `say` does. */
  react(author: ChatAuthor, { reaction }: Params<'chat:react'>): void {
    this.#assertMayWrite(author)
    this.#assertInTime(this.#limits.takeTap(author))
    this.#settings.counted.inc({ what: 'reaction' })
    this.#taps.add(reaction)
  }

  /** Deletes a message; one that is gone already is no error. */
  delete(number: number): void {
    this.#remove([number])
  }

  /** Keeps the writer of a message from writing and deletes what they wrote. Throws `unknown-id`. */
  block(number: number): BlockedPerson {
    const found = this.#history.authorOf(number)
    if (found === null || found.author.isBroadcaster) throw new NearcastError('unknown-id', 'No viewer wrote that.')
    const { who, name } = found.message
    this.#blocks.block({ who, name }, found.author)
    this.#remove(this.#history.messagesOf(who))
    this.#settings.counted.inc({ what: 'block' })
    this.#log.info({ who }, 'blocked in the chat')
    this.emit('blocks')
    return { who, name }
  }

  unblock(who: number): void {
    if (this.#blocks.unblock(who)) this.emit('blocks')
  }

  /** Nothing changes once the broadcast is over. */
  configure({ enabled, slow }: Params<'chat:configure'>): void {
    this.#rule({ state: enabled ? 'open' : 'off', slow })
  }

  /** The broadcast is over: what was said can be read, and nothing more is said. */
  end(): void {
    this.#taps.close()
    this.#rule({ state: 'over', slow: 0 })
  }

  close(): void {
    this.#taps.close()
    this.removeAllListeners()
  }

  #rule(rules: ChatRules): void {
    const { state, slow } = this.#rules
    if (state === 'over' || (rules.state === state && rules.slow === slow)) return
    this.#rules = rules
    if (rules.slow !== slow) this.#limits.slow = rules.slow
    this.#log.info(rules, 'chat rules')
    this.#tell(this.#history.number({ kind: 'rules', ...rules }))
  }

  #remove(numbers: readonly number[]): void {
    for (let start = 0; start < numbers.length; start += MAX_REMOVED) {
      const event = this.#history.remove(numbers.slice(start, start + MAX_REMOVED))
      if (event === null) continue
      this.#settings.counted.inc({ what: 'removal' })
      this.#tell(event)
    }
  }

  #tell(event: ChatEvent): void {
    this.#latest = event
    this.emit('event', event)
  }

  /** The broadcaster may write while the chat is switched off for others. */
  #assertMayWrite(author: ChatAuthor): void {
    const { state } = this.#rules
    if (state === 'over' || (state === 'off' && !author.isBroadcaster)) throw this.#refusal('chat-closed')
    if (this.#blocks.has(author)) throw this.#refusal('chat-blocked')
  }

  #assertInTime(limit: Limit | null): void {
    if (limit !== null) throw this.#refusal('chat-too-fast', limit)
  }

  #refusal(code: ErrorCode, why: string = code): NearcastError {
    this.#settings.refused.inc({ why })
    return new NearcastError(code)
  }

  #whoIs({ session, isBroadcaster }: ChatAuthor): number {
    if (isBroadcaster) return 0
    const who = this.#people.get(session) ?? ++this.#peopleSeen
    // Deleting first moves the person to the end: the map's order is the order of use.
    this.#people.delete(session)
    this.#people.set(session, who)
    const [oldest] = this.#people.keys()
    if (this.#people.size > MAX_PEOPLE && oldest !== undefined) this.#people.delete(oldest)
    return who
  }
}
