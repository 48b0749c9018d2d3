/** In charge of how fast a chat may go: for a viewer, for an address, for all together, and in slow mode. */
import type { RateLimit } from '../api/rateLimit.ts'
import { TokenBuckets } from '../api/rateLimit.ts'
import type { Clock } from '../lib/clock.ts'
import type { ChatAuthor } from './ChatAuthor.ts'

/** A viewer may say so many things at once before its rate counts. */
const BURST = 5

/** Behind one address there may be an office or a mobile network: so many viewers' worth. */
const ADDRESS_WORTH = 20

/** What can be read at all, of all viewers together, in viewers' worth. */
const ROOM_WORTH = 40

/** Taps come faster than sentences. */
const TAP_FACTOR = 8

/** The one key of what counts for all together. */
const EVERYONE = ''

export type Limit = 'viewer' | 'address' | 'room' | 'slow'

export class ChatLimits {
  readonly #clock: Pick<Clock, 'now'>
  readonly #messages: readonly (readonly [Limit, TokenBuckets, (author: ChatAuthor) => string])[]
  readonly #taps: readonly (readonly [Limit, TokenBuckets, (author: ChatAuthor) => string])[]
  #slow: TokenBuckets | null = null

  /** @param rate messages a second that a viewer may go on writing */
  constructor(rate: number, clock: Pick<Clock, 'now'>) {
    this.#clock = clock
    const buckets = (worth: number) => new TokenBuckets(times({ burst: BURST, perSecond: rate }, worth), clock)
    this.#messages = [
      ['viewer', buckets(1), ({ session }) => session],
      ['address', buckets(ADDRESS_WORTH), ({ address }) => address],
      ['room', buckets(ROOM_WORTH), () => EVERYONE],
    ]
    this.#taps = [
      ['viewer', buckets(TAP_FACTOR), ({ session }) => session],
      ['address', buckets(TAP_FACTOR * ADDRESS_WORTH), ({ address }) => address],
    ]
  }

  /** @param seconds between two messages of one viewer; 0 is off */
  set slow(seconds: number) {
    this.#slow = seconds > 0 ? new TokenBuckets({ burst: 1, perSecond: 1 / seconds }, this.#clock) : null
  }

  /** Null when the author may write now, else what forbids it. */
  takeMessage(author: ChatAuthor): Limit | null {
    if (author.isBroadcaster) return null
    const limit = firstEmpty(this.#messages, author)
    if (limit !== null) return limit
    return this.#slow !== null && this.#slow.take(author.session) > 0 ? 'slow' : null
  }

  /** Null when the author may tap a reaction now. */
  takeTap(author: ChatAuthor): Limit | null {
    return firstEmpty(this.#taps, author)
  }
}

function firstEmpty(
  buckets: readonly (readonly [Limit, TokenBuckets, (author: ChatAuthor) => string])[],
  author: ChatAuthor,
): Limit | null {
  for (const [limit, bucket, keyOf] of buckets) if (bucket.take(keyOf(author)) > 0) return limit
  return null
}

function times({ burst, perSecond }: RateLimit, worth: number): RateLimit {
  return { burst: burst * worth, perSecond: perSecond * worth }
}
