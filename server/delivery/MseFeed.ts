/** What MSE push asks of whoever keeps the broadcasts and their packagers. */
import type { ViewCredentials } from '../auth/mayWatch.ts'

/** A few frames in one binary frame of the push, ready to be sent to any number of sockets. */
export interface MseChunk {
  readonly message: Buffer
  /** Begins with an IDR (or is sound). */
  readonly independent: boolean
}

/** A rendition as it is described now; one whose init changes is another object. */
export interface MseTrack {
  /** First byte of its messages. */
  readonly id: number
  readonly rendition: string
  readonly kind: 'video' | 'audio'
  readonly mime: string
  /** The init segment as a message. */
  readonly init: Buffer
  /** Media time of the oldest frame that `backlog` could hold, in seconds; null when there is none. */
  readonly since: number | null
  /** What a newcomer begins with: all since the last IDR; of sound, what is not before `from` (media time, seconds). */
  backlog(from?: number): MseChunk | null
}

/** The media of one broadcast as it comes. */
export interface MseFeed {
  /** Wall clock of media time 0, milliseconds; null before the first media. */
  readonly timeOrigin: number | null
  /** What is sent now: pictures from the lowest rung up, then sound. Kept over an interruption. */
  readonly tracks: readonly MseTrack[]
  readonly ended: boolean
  /** The tracks changed; the first chunk of those that are new begins with an IDR. */
  on(name: 'layout', listener: () => void): () => void
  on(name: 'chunk', listener: (track: MseTrack, chunk: MseChunk) => void): () => void
  /** Nothing more will come. */
  on(name: 'ended', listener: () => void): () => void
}

export interface MseDirectory {
  /** Throws broadcast-not-found, not-live, no-http-delivery or broadcast-ended. */
  mse(id: string, credentials: ViewCredentials): MseFeed
  /**
   * A seat for one socket until the returned function is called: of the viewer with this token, who is told `left` when it
   * is gone, or of somebody without our signaling (null). Throws no-seat, unknown-id for a token that is nobody's, or
   * too-many-connections.
   */
  seatMseViewer(id: string, token: string | null, left: () => void): () => void
}

/**
 * The tracks for one viewer: the wanted rendition, else the next lower one that is there, else the lowest; by default the
 * highest. Sound goes with it; `audio` is sound alone. Pure.
 */
export function chooseTracks(tracks: readonly MseTrack[], wanted: string | null): MseTrack[] {
  const sound = tracks.filter((track) => track.kind === 'audio')
  if (wanted === 'audio') return sound
  const pictures = tracks.filter((track) => track.kind === 'video')
  const top = wanted === null ? Number.POSITIVE_INFINITY : rungOf(wanted)
  const picture = pictures.findLast((track) => rungOf(track.rendition) <= top) ?? pictures[0]
  return picture ? [picture, ...sound] : sound
}

/** Renditions of pictures are called `v0` (the lowest), `v1` … */
function rungOf(rendition: string): number {
  return Number(/^v(\d{1,3})$/.exec(rendition)?.[1] ?? Number.POSITIVE_INFINITY)
}
