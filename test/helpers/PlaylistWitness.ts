/** In charge of what HLS players were told over a whole test: looks at all playlists again and again. */
import { setTimeout as pause } from 'node:timers/promises'
import { fetchPlaylists, type ListedSegment, type Playlists, playlistFaults } from './mediaPlaylist.ts'
import { addWitness } from './scene.ts'

/** Milliseconds between two looks: several within the shortest segment. */
const INTERVAL = 300

/** Begins with its making; `faults` are to be empty at the end. Goes on while the server is away. */
export class PlaylistWitness implements AsyncDisposable {
  /** What playlists said wrongly, alone or compared with each other and with what they said before. */
  readonly faults = new Set<string>()
  /** Answers of the multivariant playlist in order, 0 for none; each run of equal ones once. */
  readonly statuses: number[] = []
  /** All segments that were ever listed, by rendition and number. */
  readonly seen = new Map<string, Map<number, ListedSegment>>()
  readonly #url: string
  readonly #id: string
  readonly #stop = new AbortController()
  #last: Playlists = new Map()
  readonly #done: Promise<void>
  readonly #leave = addWitness(() => this.#describe())

  static create(url: string, id: string): PlaylistWitness {
    return new PlaylistWitness(url, id)
  }

  private constructor(url: string, id: string) {
    this.#url = url
    this.#id = id
    this.#done = this.#watch()
  }

  /** The playlists as they were last. */
  get last(): Playlists {
    return this.#last
  }

  /** Greatest media sequence number; -1 before the first. */
  get newest(): number {
    return Math.max(-1, ...[...this.seen.values()].flatMap((segments) => [...segments.keys()]))
  }

  /** The numbers of segments before which a discontinuity stands, in order. */
  get breaks(): number[] {
    const numbers = [...this.seen.values()].flatMap((segments) =>
      [...segments.values()].filter(({ breaks }) => breaks).map(({ sequence }) => sequence),
    )
    return [...new Set(numbers)].sort((a, b) => a - b)
  }

  /** Whether all playlists end. */
  get ended(): boolean {
    return this.#last.size > 0 && [...this.#last.values()].every(({ ended }) => ended)
  }

  /** Listed segments of a rendition from this number on, oldest first. */
  since(rendition: string, sequence: number): ListedSegment[] {
    return [...(this.seen.get(rendition)?.values() ?? [])].filter((segment) => segment.sequence >= sequence)
  }

  async close(): Promise<void> {
    this.#leave()
    this.#stop.abort()
    await this.#done
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** What is listed, and of each rendition that ever was the newest segments. */
  async #describe(): Promise<string> {
    const newest = [...this.seen].map(([id, segments]) => {
      const last = [...segments.values()].slice(-6)
      return `${id} ${last.map(({ sequence, gap, breaks }) => `${breaks ? '|' : ''}${sequence}${gap ? ' gap' : ''}`).join(' ')}`
    })
    const answer = await fetch(`${this.#url}/api/broadcasts/${this.#id}`).then((response) => response.text(), String)
    return `playlists of ${[...this.#last.keys()].join()}: ${newest.join('; ')}; ${answer}`
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await this.#look()
      await pause(INTERVAL, undefined, { signal }).catch(() => {})
    }
  }

  async #look(): Promise<void> {
    const answer = await fetchPlaylists(this.#url, this.#id).catch((error: unknown) => {
      // Refused connections are the business of tests that stop the server.
      if (!(error instanceof TypeError)) this.faults.add(String(error))
      return 0
    })
    const status = typeof answer === 'number' ? answer : 200
    if (this.statuses.at(-1) !== status) this.statuses.push(status)
    if (typeof answer === 'number') return
    for (const fault of playlistFaults(answer)) this.faults.add(fault)
    for (const [id, { segments, ended }] of answer) this.#compare(id, segments, ended)
    this.#last = answer
  }

  #compare(id: string, segments: readonly ListedSegment[], ended: boolean): void {
    const seen = this.seen.get(id) ?? new Map<number, ListedSegment>()
    this.seen.set(id, seen)
    const before = this.#last.get(id)
    const [first, newest] = [segments[0]?.sequence ?? 0, segments.at(-1)?.sequence ?? 0]
    if (first < (before?.segments[0]?.sequence ?? 0)) this.faults.add(`${id}: the media sequence went back to ${first}`)
    if (newest < (before?.segments.at(-1)?.sequence ?? 0)) this.faults.add(`${id}: lost its newest, now ${newest}`)
    if (before?.ended && !ended) this.faults.add(`${id}: goes on after its end`)
    for (const segment of segments) {
      const known = seen.get(segment.sequence)
      if (!known) seen.set(segment.sequence, segment)
      else if (known.name !== segment.name) this.faults.add(`${id}: ${known.name} became ${segment.name}`)
      else if (known.discontinuity !== segment.discontinuity) {
        this.faults.add(`${id}: ${segment.name} had discontinuity ${known.discontinuity}, now ${segment.discontinuity}`)
      }
    }
  }
}
