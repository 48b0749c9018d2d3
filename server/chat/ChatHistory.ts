/** In charge of the one order of a chat: numbers everything that happens and keeps the last of it for who comes later. */
import type { ChatEvent, ChatMessage, ChatReading, KeptChatEvent } from '../../shared/chat.ts'
import type { ChatAuthor } from './ChatAuthor.ts'

/** An event before it has its number. */
export type Unnumbered = ChatEvent extends infer Event
  ? Event extends ChatEvent
    ? Omit<Event, 'number'>
    : never
  : never

interface Kept {
  readonly event: KeptChatEvent
  /** Of a message. */
  readonly author: ChatAuthor | null
  readonly key: string | null
}

export class ChatHistory {
  readonly #run: string
  readonly #size: number
  readonly #kept: Kept[] = []
  #last = 0
  /** The highest number that was kept once and is no more. */
  #forgotten = 0

  /** @param run names this numbering; another history never has the same. @param size events kept */
  constructor(run: string, size: number) {
    this.#run = run
    this.#size = size
  }

  /** Gives the next number to what is not kept. */
  number<Event extends Unnumbered>(event: Event): Event & { readonly number: number } {
    this.#last += 1
    return { ...event, number: this.#last }
  }

  /** `key` is the client's own for this message. */
  write(message: Omit<ChatMessage, 'number' | 'kind'>, author: ChatAuthor, key: string): ChatMessage {
    const event = this.number({ kind: 'message', ...message } as const)
    this.#keep({ event, author, key })
    return event
  }

  /** The number of what this author has said by this key, or null. */
  find(author: ChatAuthor, key: string): number | null {
    const kept = this.#kept.find((one) => one.key === key && one.author?.session === author.session)
    return kept?.event.number ?? null
  }

  authorOf(number: number): { author: ChatAuthor; message: ChatMessage } | null {
    for (const { event, author } of this.#kept) {
      if (event.number === number && event.kind === 'message' && author !== null) return { author, message: event }
    }
    return null
  }

  /** Numbers of all messages of one person that are still kept. */
  messagesOf(who: number): number[] {
    return this.#kept.flatMap(({ event }) => (event.kind === 'message' && event.who === who ? [event.number] : []))
  }

  /** Their texts are gone from here on; null when none of them is kept. */
  remove(numbers: readonly number[]): ChatEvent | null {
    const messages: number[] = []
    for (const number of numbers) {
      const index = this.#kept.findIndex(({ event }) => event.number === number && event.kind === 'message')
      if (index < 0) continue
      this.#kept.splice(index, 1)
      messages.push(number)
    }
    if (messages.length === 0) return null
    const event = this.number({ kind: 'removed', messages } as const)
    this.#keep({ event, author: null, key: null })
    return event
  }

  /** What a reader lacks who has everything of `run` up to `after`; everything when that is not known here. */
  since(run: string | null, after: number): Pick<ChatReading, 'run' | 'last' | 'continues' | 'events'> {
    const continues = run === this.#run && after >= this.#forgotten && after <= this.#last
    const events = this.#kept.map(({ event }) => event).filter(({ number }) => !continues || number > after)
    return { run: this.#run, last: this.#last, continues, events }
  }

  #keep(kept: Kept): void {
    this.#kept.push(kept)
    if (this.#kept.length <= this.#size) return
    this.#forgotten = this.#kept.shift()?.event.number ?? this.#forgotten
  }
}
