/** In charge of reading the server's HLS playlists as a strict player would: what they list, and what contradicts itself. */

/** One line of media in a playlist. */
export interface ListedSegment {
  /** Media sequence number. */
  sequence: number
  /** How many discontinuities there were before and at it, since the broadcast began. */
  discontinuity: number
  /** Whether `EXT-X-DISCONTINUITY` stands before it. */
  breaks: boolean
  /** Wall clock in milliseconds. */
  startsAt: number
  /** Seconds. */
  duration: number
  gap: boolean
  /** File name of the init segment in force; null when there is none. */
  map: string | null
  name: string
}

export interface ListedPlaylist {
  /** Seconds. */
  targetDuration: number
  ended: boolean
  segments: ListedSegment[]
}

/** All media playlists of a broadcast by rendition (`v0`, `audio`). */
export type Playlists = Map<string, ListedPlaylist>

/** Milliseconds by which starts of the same segment differ in two renditions: half an AAC frame, and rounding. */
const SAME_START = 30

/** Milliseconds by which a start differs from the end of the segment before: an AAC frame, the slew, and rounding. */
const SAME_JOINT = 60

/** Fetches what the multivariant playlist lists; the status when that is not 200. Viewers are not counted by it. */
export async function fetchPlaylists(url: string, id: string): Promise<Playlists | number> {
  const base = `${url}/hls/${id}`
  const response = await fetch(`${base}/index.m3u8?player=1`)
  const text = await response.text()
  if (response.status !== 200) return response.status
  const addresses = text
    .split('\n')
    .flatMap((line) => line.match(/URI="([^"]+)"/)?.[1] ?? line.match(/^[^#]+$/)?.[0] ?? [])
  const entries = [...new Set(addresses)].map(async (address): Promise<[string, ListedPlaylist]> => {
    const playlist = await fetch(`${base}/${address}`)
    if (playlist.status !== 200) throw new Error(`${address} was answered by ${playlist.status}`)
    return [address.split('/')[0] ?? '', parseMediaPlaylist(await playlist.text())]
  })
  return new Map(await Promise.all(entries))
}

function parseMediaPlaylist(text: string): ListedPlaylist {
  const playlist: ListedPlaylist = { targetDuration: 0, ended: false, segments: [] }
  let [sequence, discontinuity, startsAt, duration] = [0, 0, 0, 0]
  let [breaks, gap, map]: [boolean, boolean, string | null] = [false, false, null]
  for (const line of text.split('\n')) {
    const value = line.slice(line.indexOf(':') + 1)
    if (line.startsWith('#EXT-X-TARGETDURATION:')) playlist.targetDuration = Number(value)
    else if (line.startsWith('#EXT-X-MEDIA-SEQUENCE:')) sequence = Number(value)
    else if (line.startsWith('#EXT-X-DISCONTINUITY-SEQUENCE:')) discontinuity = Number(value)
    else if (line === '#EXT-X-DISCONTINUITY') breaks = true
    else if (line === '#EXT-X-GAP') gap = true
    else if (line === '#EXT-X-ENDLIST') playlist.ended = true
    else if (line.startsWith('#EXT-X-MAP:')) map = line.match(/URI="([^"]+)"/)?.[1] ?? null
    else if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) startsAt = Date.parse(value)
    else if (line.startsWith('#EXTINF:')) duration = Number.parseFloat(value)
    else if (line !== '' && !line.startsWith('#')) {
      if (breaks) discontinuity++
      playlist.segments.push({ sequence, discontinuity, breaks, startsAt, duration, gap, map, name: line })
      sequence++
      breaks = gap = false
    }
  }
  return playlist
}

/** What a strict player would complain of, as sentences; renditions are compared where they list the same segment. */
export function playlistFaults(playlists: Playlists): string[] {
  const faults: string[] = []
  const known = new Map<number, { id: string; segment: ListedSegment }>()
  for (const [id, { targetDuration, segments }] of playlists) {
    for (const [index, segment] of segments.entries()) {
      const { sequence, startsAt, duration, breaks, discontinuity } = segment
      const where = `${id} ${sequence}`
      if (Math.round(duration) > targetDuration) faults.push(`${where} lasts ${duration} s, target ${targetDuration} s`)
      if (segment.map === null && !segment.gap) faults.push(`${where} has no init segment`)
      const before = segments[index - 1]
      const joint = before ? startsAt - before.startsAt - before.duration * 1000 : 0
      if (!breaks && Math.abs(joint) > SAME_JOINT)
        faults.push(`${where} begins ${joint} ms off without a discontinuity`)
      if (before && !breaks && !before.gap && before.map !== segment.map) {
        faults.push(`${where} has another init segment without a discontinuity`)
      }
      const other = known.get(sequence)
      known.set(sequence, other ?? { id, segment })
      if (!other) continue
      const pair = `${where} and ${other.id}`
      // The first one listed does not show whether one stands before it was dropped; the number does.
      if (other.segment.discontinuity !== discontinuity) faults.push(`${pair} differ in their discontinuity`)
      if (Math.abs(other.segment.startsAt - startsAt) > SAME_START) faults.push(`${pair} begin at different times`)
    }
  }
  return faults
}
