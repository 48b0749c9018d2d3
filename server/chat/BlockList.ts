/** In charge of who may write no more in one broadcast's chat: people, by the seats and addresses they had. */
import type { BlockedPerson } from '../../shared/chat.ts'
import type { ChatAuthor } from './ChatAuthor.ts'

/** People remembered; the one blocked first is let go first. */
const MAX_BLOCKED = 1_000

export class BlockList {
  readonly #blocked = new Map<number, { person: BlockedPerson; author: ChatAuthor }>()

  get people(): BlockedPerson[] {
    return [...this.#blocked.values()].map(({ person }) => person)
  }

  block(person: BlockedPerson, author: ChatAuthor): void {
    this.#blocked.set(person.who, { person, author })
    const [oldest] = this.#blocked.keys()
    if (this.#blocked.size > MAX_BLOCKED && oldest !== undefined) this.#blocked.delete(oldest)
  }

  /** Whether there was such a person. */
  unblock(who: number): boolean {
    return this.#blocked.delete(who)
  }

  /** The broadcaster never is, whoever else has its address. */
  has(author: ChatAuthor): boolean {
    if (author.isBroadcaster) return false
    for (const { author: blocked } of this.#blocked.values()) {
      if (blocked.session === author.session || blocked.address === author.address) return true
    }
    return false
  }
}
