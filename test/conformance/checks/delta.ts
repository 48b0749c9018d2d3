/** In charge of delta updates as texts: applying one, and telling where playlists differ (6.2.5.1, 6.3.7). Pure. */

interface Pieces {
  /** Lines before the first segment. */
  readonly head: string[]
  /** The lines of each segment, its URI last. */
  readonly segments: string[][]
  /** Lines behind the last whole segment. */
  readonly tail: string[]
  readonly skipped: number | null
}

const MAP = '#EXT-X-MAP:'

/** Tags of a playlist as a whole, wherever they stand before the first segment (4.4.2, 4.4.3, 4.4.5.2). */
const general =
  /^#(EXTM3U|EXT-X-(VERSION|TARGETDURATION|MEDIA-SEQUENCE|DISCONTINUITY-SEQUENCE|INDEPENDENT-SEGMENTS|PART-INF|SERVER-CONTROL|START|DEFINE|SKIP))/

/**
 * The playlist that a client has after a delta update; null when it does not have what was skipped. Every segment gets
 * the EXT-X-MAP that is in force for it: where the tag stands changes as segments go.
 */
export function applyDelta(base: string, delta: string): string | null {
  const had = split(base)
  const { skipped: count } = split(delta)
  if (count === null) return delta
  const sequence = (text: string) => Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1] ?? 0)
  const from = sequence(delta) - sequence(base)
  const kept = had.segments.slice(Math.max(from, 0), from + count)
  if (from < 0 || kept.length < count) return null
  const update = split(delta, kept.at(-1)?.find((line) => line.startsWith(MAP)) ?? null)
  return [...update.head, ...kept.flat(), ...update.segments.flat(), ...update.tail].join('\n')
}

/** The first difference but that of versions (a delta update needs a higher one); null for equal playlists. */
export function differences(one: string, other: string): string | null {
  const [a, b] = [linesOf(one), linesOf(other)]
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    if (a[index] !== b[index]) return `"${a[index] ?? ''}" where the full playlist has "${b[index] ?? ''}"`
  }
  return null
}

/** How many segments a delta update leaves out; null when it is a full playlist. */
export function skipped(delta: string): number | null {
  return split(delta).skipped
}

/** How many segments of a full playlist end further from its last segment's end than `boundary` seconds. */
export function skippable(full: string, boundary: number): number {
  const { segments } = split(full)
  let fromEnd = 0
  let index = segments.length
  // A segment is left out when its end is further away: 6.2.5.1.
  while (index > 0 && fromEnd <= boundary) {
    index--
    fromEnd += durationOf(segments[index] ?? [])
  }
  return index
}

function durationOf(lines: readonly string[]): number {
  return Number(/#EXTINF:([\d.]+)/.exec(lines.join('\n'))?.[1] ?? 0)
}

function linesOf(text: string): string[] {
  const { head, segments, tail } = split(text)
  const shown = head.filter((line) => !/^#EXT-X-(VERSION|SKIP)/.test(line))
  return [...shown, ...segments.flat(), ...tail]
}

/** @param map the tag in force before the text begins */
function split(text: string, map: string | null = null): Pieces {
  const pieces: Pieces & { skipped: number | null } = { head: [], segments: [], tail: [], skipped: null }
  let inForce = map
  let open: string[] = []
  const close = () => [...(inForce === null ? [] : [inForce]), ...open]
  for (const line of text.split(/\r?\n/)) {
    if (line === '') continue
    const skip = /^#EXT-X-SKIP:.*SKIPPED-SEGMENTS=(\d+)/.exec(line)?.[1]
    if (skip !== undefined) pieces.skipped = Number(skip)
    if (pieces.segments.length === 0 && general.test(line)) {
      if (skip === undefined) pieces.head.push(line)
      continue
    }
    if (line.startsWith(MAP)) {
      inForce = line
      continue
    }
    open.push(line)
    if (line.startsWith('#')) continue
    pieces.segments.push(close())
    open = []
  }
  return { ...pieces, tail: close() }
}
