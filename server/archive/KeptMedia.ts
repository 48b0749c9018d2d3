/** What is on disk of a broadcast, as delivery asks for it: the window while live, the recording afterwards, and files. */
import type { Archive, PlaylistView } from './Archive.ts'
import type { StoredBytes } from './storedBytes.ts'

/** A rendered playlist: the same object as long as nothing changes. */
export interface KeptPlaylist {
  readonly text: string
}

/** The playlists of one view of an archive. */
export interface KeptPlaylists {
  /** Null while there is nothing to play. `session` goes into the URLs of the media playlists. */
  multivariant(session?: string): KeptPlaylist | null
  /** Null for what never had a segment. */
  media(rendition: string): KeptPlaylist | null
}

export interface KeptMedia {
  /** What a viewer can go back to; null when there is no time shift. */
  readonly window: KeptPlaylists | null
  /** The whole of a broadcast that is over. */
  readonly recording: KeptPlaylists | null
  /** The static DASH manifest of a broadcast that is over; null while it is not. */
  manifest(baseUrl: string): Promise<string | null>
  /** An init segment or a segment by file name; of what is over, also what fills its holes. */
  find(rendition: string, name: string): Promise<StoredBytes | null>
}

export function keptMedia(
  archive: Archive,
  views: { readonly window?: PlaylistView; readonly recording?: PlaylistView },
): KeptMedia {
  const playlists = (view: PlaylistView | undefined): KeptPlaylists | null =>
    view === undefined
      ? null
      : {
          multivariant: (session) => archive.multivariant(view, session),
          media: (rendition) => archive.playlist(rendition, view),
        }
  const isOver = views.recording !== undefined || views.window?.kind === 'ended-window'
  return {
    window: playlists(views.window),
    recording: playlists(views.recording),
    manifest: async (baseUrl) => (views.recording ? archive.manifest(baseUrl) : null),
    find: async (rendition, name) =>
      archive.find(rendition, name) ?? (isOver ? await archive.filler(rendition, name) : null),
  }
}
