/** In charge of the order of what a page has read: every event once, none left out, whatever way and time it came by. */
import type { ChatEvent, ChatMessage, ChatReactions, ChatReading, ChatRules } from '../../shared/chat.ts'

/** Messages shown; the oldest go first. */
const MAX_MESSAGES = 300

/** Events that wait for what is missing before them; with more, all of it is read. */
const MAX_EARLY = 100

export class ChatLog {
  #run: string | null = null
  #last = 0
  #messages: readonly ChatMessage[] = []
  #rules: ChatRules = { state: 'open', slow: 0 }
  #early = new Map<number, ChatEvent>()

  /** What a reading begins from. */
  get position(): { run: string | null; after: number } {
    return { run: this.#run, after: this.#last }
  }

  get messages(): readonly ChatMessage[] {
    return this.#messages
  }

  get rules(): ChatRules {
    return this.#rules
  }

  /** Whether something came that does not follow what is here: read. */
  get hasGap(): boolean {
    return this.#early.size > 0
  }

  /** Takes an event; the result are the taps to be shown, of it and of what waited for it. */
  take(event: ChatEvent): ChatReactions[] {
    if (this.#run !== null && event.number <= this.#last) return []
    if (this.#early.size < MAX_EARLY) this.#early.set(event.number, event)
    return this.#run === null ? [] : this.#catchUp()
  }

  /** Takes what was read. */
  fill(reading: ChatReading): ChatReactions[] {
    // An answer that was overtaken by events has nothing new in it.
    if (reading.run === this.#run && reading.last < this.#last) return []
    if (!reading.continues) this.#messages = []
    this.#run = reading.run
    for (const event of reading.events) this.#apply(event)
    this.#last = reading.last
    this.#rules = reading.rules
    return this.#catchUp()
  }

  #catchUp(): ChatReactions[] {
    const taps: ChatReactions[] = []
    for (const number of this.#early.keys()) if (number <= this.#last) this.#early.delete(number)
    for (let next = this.#early.get(this.#last + 1); next; next = this.#early.get(this.#last + 1)) {
      this.#early.delete(next.number)
      this.#last = next.number
      if (next.kind === 'reactions') taps.push(next)
      else this.#apply(next)
    }
    return taps
  }

  #apply(event: Exclude<ChatEvent, ChatReactions>): void {
    switch (event.kind) {
      case 'message':
        if (!this.#messages.some(({ number }) => number === event.number)) {
          this.#messages = [...this.#messages, event].slice(-MAX_MESSAGES)
        }
        break
      case 'removed':
        this.#messages = this.#messages.filter(({ number }) => !event.messages.includes(number))
        break
      case 'rules':
        this.#rules = { state: event.state, slow: event.slow }
        break
    }
  }
}
