/** What the strict client saw: the material of all checks. Times are `performance.now()` in milliseconds. */
import type { FileFacts } from '../media/fragments.ts'
import type { InitFacts } from '../media/init.ts'
import type { ListedPart, ListedSegment, MediaPlaylist } from '../playlist/model.ts'
import type { MultivariantPlaylist } from '../playlist/multivariant.ts'
import type { Exchange } from './http.ts'

/** A file that was downloaded. */
export interface FileRecord {
  readonly exchange: Exchange
  /** Of its bytes; null when they did not come. */
  readonly fingerprint: string | null
  /** Null when it could not be read; `problem` says why. */
  readonly facts: FileFacts | null
  readonly problem: string | null
}

export interface InitRecord {
  readonly exchange: Exchange
  readonly facts: InitFacts | null
  readonly problem: string | null
}

export interface PartRecord {
  readonly msn: number
  /** Within its segment, from 0. */
  readonly index: number
  readonly listed: ListedPart
  readonly url: string
  readonly listedAt: number
  /** When a playlist first came without it. */
  removedAt: number | null
  file: FileRecord | null
  /** The same again, asked for once it was listed; only for some, whose `file` came by a hint. */
  again: FileRecord | null
  /** Whether `file` is the answer to the preload hint. */
  hinted: boolean
}

export interface SegmentRecord {
  /** As it was first listed whole. */
  readonly listed: ListedSegment
  readonly url: string
  readonly init: InitRecord | null
  readonly listedAt: number
  file: FileRecord | null
  readonly parts: PartRecord[]
  /** Whether its parts, one behind the other, are its bytes; null when not all parts were seen. */
  joined: boolean | null
}

/** A version of a media playlist. */
export interface Snapshot {
  readonly exchange: Exchange
  readonly playlist: MediaPlaylist
  /** The directives of the request; null for a plain one. */
  readonly asked: Position | null
}

/** Where a playlist ends. */
export interface Position {
  readonly msn: number
  /** Index of the newest part of that segment; -1 where it has none. */
  readonly part: number
}

/** Texts of one moment: what the client had, the delta update to it, and the full playlist of the same version. */
export interface DeltaPair {
  readonly base: string
  readonly delta: string
  readonly full: string
}

/** A request for a preload hint. */
export interface HintRecord {
  readonly url: string
  readonly file: FileRecord
  /** When the part stood in a playlist; null when it never did. */
  listedAt: number | null
}

/** While a playlist was not to be had. */
export interface Outage {
  readonly from: number
  until: number
  /** Status, or what went wrong with the connection. */
  readonly why: string
}

export interface RenditionRecord {
  /** Path of the playlist behind that of the multivariant playlist. */
  readonly name: string
  readonly url: string
  readonly role: 'media' | 'i-frames'
  readonly snapshots: Snapshot[]
  readonly segments: Map<number, SegmentRecord>
  /** In the order in which they were listed, of segments that never became whole too. */
  readonly parts: PartRecord[]
  readonly inits: Map<string, InitRecord>
  readonly hints: HintRecord[]
  readonly deltas: DeltaPair[]
  readonly outages: Outage[]
}

/** A request made to see how it is answered. */
export interface Probe {
  readonly exchange: Exchange
  /** Null when the answer is no playlist. */
  readonly playlist: MediaPlaylist | null
  /** Of the body. */
  readonly fingerprint: string
}

export type ProbeName =
  | 'part-without-msn'
  | 'bad-numbers'
  | 'far-msn'
  | 'far-part'
  | 'past-end'
  | 'old-msn'
  | 'plain'
  | 'ended'
  | 'identity'
  | 'playlist-unchanged'
  | 'media-unchanged'
  | 'range'
  | 'range-unsatisfiable'
  | 'missing'
  | 'preflight'
  | 'again'
  | 'removed-part'

export interface Recording {
  readonly url: string
  readonly startedAt: number
  /** Multivariant playlists in order; of equal ones the last. Empty when the address is a media playlist. */
  readonly multivariants: { readonly exchange: Exchange; readonly playlist: MultivariantPlaylist }[]
  /** By URL without the query. */
  readonly renditions: Map<string, RenditionRecord>
  readonly probes: Map<ProbeName, Probe[]>
  /** All requests with an answer, oldest first, for what all answers have in common; the newest are left out when full. */
  readonly exchanges: { readonly kind: ExchangeKind; readonly exchange: Exchange }[]
}

export type ExchangeKind = 'multivariant' | 'playlist' | 'blocking' | 'media' | 'probe'

/** Most exchanges that are kept. */
const MOST_EXCHANGES = 50_000

export function emptyRecording(url: string): Recording {
  return {
    url,
    startedAt: performance.now(),
    multivariants: [],
    renditions: new Map(),
    probes: new Map(),
    exchanges: [],
  }
}

export function note(recording: Recording, kind: ExchangeKind, exchange: Exchange): void {
  if (exchange.status > 0 && recording.exchanges.length < MOST_EXCHANGES) recording.exchanges.push({ kind, exchange })
}

/** An address as another one gives it. Addresses that are none come back as they are. */
export function resolveUrl(uri: string, base: string): string {
  return URL.canParse(uri, base) ? new URL(uri, base).href : uri
}

/** Tells renditions apart whose addresses carry a session. */
export function withoutQuery(url: string): string {
  return url.split('?')[0] ?? url
}

/** Where a playlist ends: its newest part, or its last segment. Null for an empty one. */
export function positionOf({ segments, underWay }: Pick<MediaPlaylist, 'segments' | 'underWay'>): Position | null {
  if (underWay) return { msn: underWay.msn, part: underWay.parts.length - 1 }
  const last = segments.at(-1)
  return last ? { msn: last.msn, part: last.parts.length - 1 } : null
}
