/** What HLS delivery asks of whoever keeps the broadcasts and their packagers. */
import type { ViewCredentials } from '../auth/mayWatch.ts'

/** One version of a media playlist. What it says never changes. */
export interface LivePlaylist {
  /** Another one for everything the playlist ever says. */
  readonly version: number
  /** Media sequence number of the newest segment of which there is anything, and the newest part of that. */
  readonly lastMediaSequence: number
  readonly lastPart: number
  /** File name of the part that comes next; null when none is promised. */
  readonly hint: string | null
  readonly ended: boolean
  /** Whole seconds. */
  readonly targetDuration: number
  /** Seconds. */
  readonly partTarget: number
  /** Whether a whole segment, or a part of it, is there. A part past the end of its segment is part 0 of the next one. */
  has(mediaSequence: number, part?: number): boolean
  text(): string
  /** Without what a player knows that has read it lately; equals `text()` when that is nothing. */
  delta(): string
  /** The I-frame playlist of the same segments, for a rendition with pictures. */
  iframes(): string
}

/** The playlists and media of one broadcast, as they are at this moment. */
export interface HlsSource {
  /** Null while there is nothing to play. `session` goes into the URLs of the media playlists. */
  multivariantPlaylist(options?: { session?: string }): string | null
  /** The newest version; null when there is no such rendition, or nothing in it yet. */
  playlist(renditionId: string): LivePlaylist | null
  /** The bytes of an init segment, segment or part; `gone` when it has left the live window. */
  resource(renditionId: string, name: string): readonly Buffer[] | 'gone' | null
  /** `progress`: some playlist has a new version. `closed`: there will be nothing more here. Returns what takes it back. */
  on(event: 'progress' | 'closed', listener: () => void): () => void
}

export interface HlsDirectory {
  /** Throws broadcast-not-found, not-live, no-http-delivery or broadcast-ended. */
  hls(id: string, credentials: ViewCredentials): HlsSource
  /**
   * A player without our signaling asked for a media playlist, and may be kept waiting for its answer for `heldFor`
   * milliseconds. `session` is well formed, but anyone can invent one.
   */
  countHttpViewer(id: string, session: string, heldFor?: number): void
}
