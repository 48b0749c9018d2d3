/** In charge of how often one address may ask: a token bucket an address, in a bounded map. */
import { isIPv6 } from 'node:net'
import type { RequestHandler } from 'express'
import { NearcastError } from '../../shared/errors.ts'
import type { Clock } from '../lib/clock.ts'

export interface RateLimit {
  /** Requests that may come at once. */
  readonly burst: number
  /** Requests a second after that. */
  readonly perSecond: number
}

/** How many addresses are remembered; the one unseen for longest is forgotten first, which fills its bucket. */
const MAX_ADDRESSES = 10_000

interface Bucket {
  tokens: number
  /** When `tokens` was true, in the clock's milliseconds. */
  at: number
}

/** Token buckets by key. */
export class TokenBuckets {
  readonly #limit: RateLimit
  readonly #clock: Pick<Clock, 'now'>
  readonly #maxKeys: number
  readonly #buckets = new Map<string, Bucket>()

  constructor(limit: RateLimit, clock: Pick<Clock, 'now'>, maxKeys = MAX_ADDRESSES) {
    this.#limit = limit
    this.#clock = clock
    this.#maxKeys = maxKeys
  }

  /** How many keys are remembered at present. */
  get size(): number {
    return this.#buckets.size
  }

  /** Takes a token and returns 0, or the seconds until there will be one. A refusal costs nothing. */
  take(key: string): number {
    const { burst, perSecond } = this.#limit
    const now = this.#clock.now()
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now }
    // A clock that was set back gives nothing and takes nothing.
    bucket.tokens = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * perSecond)
    bucket.at = now
    // Deleting first moves the key to the end: the map's order is the order of use.
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    if (this.#buckets.size > this.#maxKeys) {
      const [oldest] = this.#buckets.keys()
      if (oldest !== undefined) this.#buckets.delete(oldest)
    }
    if (bucket.tokens < 1) return (1 - bucket.tokens) / perSecond
    bucket.tokens -= 1
    return 0
  }
}

/** Whom an address stands for: one IPv4 address, or an IPv6 /64, which is what one customer gets at least (RFC 6177). */
export function rateLimitKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.replace(/%.*$/, '').split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length
  const groups = [...left, ...Array<string>(Math.max(0, zeros)).fill('0'), ...right]
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}

/** Refuses with rate-limited and `Retry-After` when the address has no token left. */
export function rateLimit(
  buckets: TokenBuckets,
  addressOf: (req: Parameters<RequestHandler>[0]) => string,
  onRefused: () => void = () => {},
): RequestHandler {
  return (req, res, next) => {
    const wait = buckets.take(rateLimitKey(addressOf(req)))
    if (wait === 0) return next()
    onRefused()
    res.setHeader('Retry-After', Math.ceil(wait))
    next(new NearcastError('rate-limited'))
  }
}
