/** In charge of what a low-latency client reads out of a playlist: what to fetch, and what to ask for next. Pure. */

/** The variant with the lowest bandwidth that has a picture, and its sound, as they are listed. */
export interface LowestRung {
  readonly video: string
  readonly audio: string
}

/** Throws when there is no such variant, or no sound for it. */
export function lowestRung(multivariant: string): LowestRung {
  const variants = [...multivariant.matchAll(/^#EXT-X-STREAM-INF:(.*RESOLUTION=.*)\n([^#\n]+)$/gm)]
    .map(([, attributes = '', uri = '']) => ({ uri, bandwidth: Number(/BANDWIDTH=(\d+)/.exec(attributes)?.[1]) }))
    .sort((a, b) => a.bandwidth - b.bandwidth)
  const video = variants[0]?.uri
  const audio = /^#EXT-X-MEDIA:.*TYPE=AUDIO.*URI="([^"]+)"/m.exec(multivariant)?.[1]
  if (video === undefined || audio === undefined) throw new Error('no rung with picture and sound')
  return { video, audio }
}

/** What there is to play. */
export interface LiveEdge {
  /** Parts that are listed and there, oldest first. */
  readonly parts: readonly string[]
  /** The init segment in force at the end; null before the first. */
  readonly map: string | null
  /** The first part that is not there yet. */
  readonly next: { readonly msn: number; readonly part: number }
}

export function readLiveEdge(playlist: string): LiveEdge {
  const parts: string[] = []
  let map: string | null = null
  let msn = 0
  let part = 0
  for (const line of playlist.split('\n')) {
    if (line.startsWith('#EXT-X-MEDIA-SEQUENCE:')) msn = Number(line.slice(22))
    else if (line.startsWith('#EXT-X-SKIP:')) msn += Number(/SKIPPED-SEGMENTS=(\d+)/.exec(line)?.[1])
    else if (line.startsWith('#EXT-X-MAP:')) map = uriOf(line)
    else if (line.startsWith('#EXT-X-PART:')) {
      part++
      if (!line.includes('GAP=YES')) parts.push(uriOf(line))
    } else if (line !== '' && !line.startsWith('#')) {
      msn++
      part = 0
    }
  }
  return { parts, map, next: { msn, part } }
}

function uriOf(line: string): string {
  return /URI="([^"]+)"/.exec(line)?.[1] ?? ''
}
