/**
 * In charge of who may have a seat of one kind of a broadcast, and of the line of those who wait for one. No I/O and no
 * timers: time goes in. Numbered rules are named by the tests.
 *
 *  1. No more seats are taken than there are; one that is promised is taken.
 *  2. Free seats are promised in order of arrival; nobody who comes later passes those who wait.
 *  3. A promise that is not used within 10 s passes to the next in line, if there is one; who let it pass goes behind all
 *     who did not.
 *  4. Who lost a seat that worked keeps it for 30 s, and after that is in line by when it came: before all later ones.
 *  5. Who wants none is not in line, and learns only whether there is one.
 *  6. While the line is closed nothing is promised; seats in use stay. Promises become places in line.
 *  7. Of those who waited, at most ten hold an unused promise at a time: joining costs the worker.
 *  8. While nothing is sent, promises cannot be used, and do not lapse.
 */

/** Later numbers come after earlier ones; `late` after all others. */
interface Rank {
  readonly isLate: boolean
  readonly ticket: number
}

/** `fresh` and `promoted` were never tried, the one given at once, the other waited for; `kept` worked before. */
type How = 'fresh' | 'promoted' | 'tried' | 'kept'

interface Promised {
  readonly kind: 'promised'
  readonly rank: Rank
  /** When it may pass to somebody else, in milliseconds on the caller's clock. */
  readonly until: number
  readonly how: How
}

type Place =
  | { readonly kind: 'none' | 'waiting'; readonly rank: Rank }
  | Promised
  | (Omit<Promised, 'kind'> & { readonly kind: 'used'; readonly isWanted: boolean })

/** Milliseconds in which a promised seat is to be used. */
export const PROMISE_MS = 10_000
/** Milliseconds for which a seat that worked is kept for who lost it. */
export const KEEP_MS = 30_000
/** Promises to those who waited that are not used yet. */
export const MAX_PROMOTIONS = 10

/** What a look at the line brought. */
export interface Settled<Id> {
  readonly promoted: readonly Id[]
  readonly lapsed: readonly Id[]
}

export class SeatLine<Id> {
  readonly #limit: number
  readonly #places = new Map<Id, Place>()
  /** Those of the places that are promises: what is looked through often. */
  readonly #promised = new Map<Id, Promised>()
  readonly #count = { none: 0, waiting: 0, promised: 0, used: 0 }
  #tickets = 0
  #isOpen = true
  #isRunning = true

  /** @param limit seats there are */
  constructor(limit: number) {
    this.#limit = limit
  }

  get used(): number {
    return this.#count.used
  }

  get waiting(): number {
    return this.#count.waiting
  }

  /** Whether somebody who wants a seat gets one at once. */
  get hasRoom(): boolean {
    return this.#isOpen && this.#free > 0 && this.#count.waiting === 0
  }

  /** Whether this one may take a seat now. */
  may(id: Id): boolean {
    const place = this.#places.get(id)
    if (place === undefined || place.kind === 'none') return this.hasRoom
    return place.kind !== 'waiting'
  }

  /** Whether it sits, or will as soon as it tries: it needs nothing else meanwhile. */
  isServed(id: Id): boolean {
    const place = this.#places.get(id)
    if (place?.kind === 'promised') return place.how === 'fresh' || place.how === 'promoted'
    return place?.kind === 'used'
  }

  /** Somebody is there: from now on its turn counts. It wants none so far. */
  enter(id: Id): void {
    this.#put(id, { kind: 'none', rank: { isLate: false, ticket: this.#tickets++ } })
  }

  /** It wants a seat, or none. A seat in use is left to it until it gives it back. */
  want(id: Id, isWanted: boolean, now: number): void {
    const place = this.#places.get(id)
    if (place?.kind === 'used') this.#put(id, { ...place, isWanted })
    else if (place && isWanted && place.kind === 'none') this.#queue(id, place.rank, now)
    else if (place && !isWanted) this.#put(id, { kind: 'none', rank: place.rank })
  }

  /** Takes a seat; false when it may not. */
  use(id: Id, now: number): boolean {
    const place = this.#places.get(id)
    if (place === undefined || !this.may(id)) return false
    if (place.kind === 'promised') this.#put(id, { ...place, kind: 'used', isWanted: true })
    else if (place.kind === 'none') this.#put(id, { ...place, kind: 'used', until: now, how: 'tried', isWanted: false })
    return true
  }

  /** Gives the seat back. `worked`: something came of it. */
  release(id: Id, worked: boolean, now: number): void {
    const place = this.#places.get(id)
    if (place?.kind !== 'used') return
    const rank = worked ? { ...place.rank, isLate: false } : place.rank
    const until = worked ? now + KEEP_MS : place.until
    const how = worked ? 'kept' : place.how === 'kept' ? 'kept' : 'tried'
    if (!place.isWanted) this.#put(id, { kind: 'none', rank })
    else if (this.#isOpen) this.#put(id, { kind: 'promised', rank, until, how })
    else this.#put(id, { kind: 'waiting', rank })
  }

  /** It is gone. */
  leave(id: Id): void {
    const place = this.#places.get(id)
    if (place) this.#count[place.kind] -= 1
    this.#places.delete(id)
    this.#promised.delete(id)
  }

  /** Whether new seats may be taken at all. */
  set isOpen(isOpen: boolean) {
    this.#isOpen = isOpen
    if (isOpen) return
    for (const { id, rank } of this.#promises) this.#put(id, { kind: 'waiting', rank })
  }

  /** Whether a promise could be used. */
  setRunning(isRunning: boolean, now: number): void {
    if (isRunning && !this.#isRunning) {
      for (const { id, ...place } of this.#promises) {
        this.#put(id, { ...place, until: Math.max(place.until, now + PROMISE_MS) })
      }
    }
    this.#isRunning = isRunning
  }

  /** Passes on what can be passed on. To be called after every change, and at `wakeAt`. */
  settle(now: number): Settled<Id> {
    const promoted: Id[] = []
    const lapsed: Id[] = []
    let outstanding = this.#promises.filter(({ how }) => how === 'promoted').length
    while (this.#isOpen && this.#count.waiting > 0 && outstanding < MAX_PROMOTIONS) {
      const passed = this.#free > 0 ? null : this.#firstLapsed(now)
      if (this.#free <= 0 && passed === null) break
      const first = this.#firstWaiting()
      if (first === null) break
      if (passed) {
        if (passed.how === 'promoted') outstanding -= 1
        const rank = passed.how === 'kept' ? passed.rank : { isLate: true, ticket: this.#tickets++ }
        this.#put(passed.id, { kind: 'waiting', rank })
        lapsed.push(passed.id)
      }
      this.#put(first.id, { kind: 'promised', rank: first.rank, until: now + PROMISE_MS, how: 'promoted' })
      promoted.push(first.id)
      outstanding += 1
    }
    return { promoted, lapsed }
  }

  /** When to settle again at the latest; null when only a change can change anything. */
  wakeAt(now: number): number | null {
    if (!this.#isOpen || !this.#isRunning || this.#count.waiting === 0) return null
    const earliest = Math.min(...this.#promises.map(({ until }) => until).filter((until) => until > now))
    return Number.isFinite(earliest) ? earliest : null
  }

  get #free(): number {
    return this.#limit - this.#count.used - this.#count.promised
  }

  get #promises(): (Promised & { readonly id: Id })[] {
    return [...this.#promised].map(([id, place]) => ({ ...place, id }))
  }

  #queue(id: Id, rank: Rank, now: number): void {
    if (this.hasRoom) this.#put(id, { kind: 'promised', rank, until: now + PROMISE_MS, how: 'fresh' })
    else this.#put(id, { kind: 'waiting', rank })
  }

  #firstWaiting(): { id: Id; rank: Rank } | null {
    let first: { id: Id; rank: Rank } | null = null
    for (const [id, { kind, rank }] of this.#places) {
      if (kind === 'waiting' && (first === null || isBefore(rank, first.rank))) first = { id, rank }
    }
    return first
  }

  #firstLapsed(now: number): (Promised & { readonly id: Id }) | null {
    if (!this.#isRunning) return null
    const lapsed = this.#promises.filter(({ until }) => until <= now)
    return lapsed.toSorted((a, b) => a.until - b.until)[0] ?? null
  }

  #put(id: Id, place: Place): void {
    const former = this.#places.get(id)
    if (former) this.#count[former.kind] -= 1
    this.#count[place.kind] += 1
    this.#places.set(id, place)
    if (place.kind === 'promised') this.#promised.set(id, place)
    else this.#promised.delete(id)
  }
}

function isBefore(a: Rank, b: Rank): boolean {
  return a.isLate === b.isLate ? a.ticket < b.ticket : b.isLate
}
