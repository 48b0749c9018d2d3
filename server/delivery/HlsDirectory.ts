/** What HLS delivery asks of whoever keeps the broadcasts and their packagers. */
import type { ViewCredentials } from '../auth/mayWatch.ts'

/** The playlists and media of one broadcast, as they are at this moment. */
export interface HlsSource {
  /** Null while there is nothing to play. `session` goes into the URLs of the media playlists. */
  multivariantPlaylist(options?: { session?: string }): string | null
  /** Null when there is no such rendition, or nothing in it yet. */
  playlist(renditionId: string): { text(): string } | null
  /** The bytes of an init segment, segment or part; `gone` when it has left the live window. */
  resource(renditionId: string, name: string): readonly Buffer[] | 'gone' | null
}

export interface HlsDirectory {
  /** Throws broadcast-not-found, not-live, no-http-delivery or broadcast-ended. */
  hls(id: string, credentials: ViewCredentials): HlsSource
  /** A player without our signaling asked for a media playlist. `session` is well formed, but anyone can invent one. */
  countHttpViewer(id: string, session: string): void
}
