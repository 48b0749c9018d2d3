/** Pictures of broadcasts that are over: each made from its recording when somebody asks first, and kept for a while. */
import type { KeptMedia, KeptPlaylists } from '../archive/KeptMedia.ts'
import { readWhole } from '../archive/storedBytes.ts'
import { firstPictureBytes } from '../packager/iframePlaylist.ts'
import { makeStill, type PosterOptions, type Still } from './Poster.ts'

/** So many are kept; the one that was made first goes first. */
const MAX_KEPT = 64

/** As Poster: the tallest rung that is at most so high. Pixels. */
const HEIGHT = 360

export class RecordingPosters {
  readonly #options: Pick<PosterOptions, 'stills' | 'log'>
  readonly #known = new Map<string, Promise<Still | null>>()

  constructor(options: Pick<PosterOptions, 'stills' | 'log'>) {
    this.#options = options
  }

  /** Null for what has no pictures, or when none can be made. */
  of(id: string, kept: KeptMedia): Promise<Still | null> {
    const known = this.#known.get(id)
    if (known) return known
    const made = this.#make(kept).catch((error: unknown) => {
      this.#options.log.warn({ broadcast: id, error: String(error) }, 'no picture of a recording could be made')
      return null
    })
    this.#known.set(id, made)
    const [oldest] = this.#known.keys()
    if (this.#known.size > MAX_KEPT && oldest !== undefined) this.#known.delete(oldest)
    return made
  }

  /** The recording was deleted. */
  forget(id: string): void {
    this.#known.delete(id)
  }

  async #make(kept: KeptMedia): Promise<Still | null> {
    const rung = kept.recording && chooseRung(kept.recording)
    const files = rung && lastPicture(kept.recording?.media(rung)?.text ?? '')
    if (!rung || !files) return null
    const [init, segment] = await Promise.all(files.map(async (name) => readWhole(await kept.find(rung, name))))
    if (!init || !segment) return null
    const length = firstPictureBytes({ parts: [{ bytes: segment, duration: 0, independent: true, frames: 1 }] })
    return length === null ? null : makeStill(await this.#options.stills.make([init, segment.subarray(0, length)]))
  }
}

/** Id of a rendition with pictures. */
function chooseRung(playlists: KeptPlaylists): string | null {
  const text = playlists.multivariant()?.text ?? ''
  const rungs = [...text.matchAll(/RESOLUTION=\d+x(\d+).*\n([\w-]+)\//g)]
    .map(([, height, id = '']) => ({ height: Number(height), id }))
    .sort((a, b) => a.height - b.height)
  return (rungs.findLast(({ height }) => height <= HEIGHT) ?? rungs[0])?.id ?? null
}

/** Names of the init segment and of the last segment that is no gap. */
function lastPicture(playlist: string): [init: string, segment: string] | null {
  let found: [string, string] | null = null
  let [init, isGap] = ['', false]
  for (const line of playlist.split('\n')) {
    init = /^#EXT-X-MAP:URI="([^"]+)"/.exec(line)?.[1] ?? init
    isGap ||= line === '#EXT-X-GAP'
    if (line === '' || line.startsWith('#')) continue
    // What stands in from another rung has a path; a picture of this one's own is as good.
    if (!isGap && !line.includes('/')) found = [init, line]
    isGap = false
  }
  return found
}
