/** Checks of Partial Segments: their lengths, their bytes, and where decoding can begin. */
import { type Check, interrupted, type Look, lowLatencySnapshots, mediaRenditions, ms } from '../check.ts'
import type { ListedPart, ListedSegment, MediaPlaylist } from '../playlist/model.ts'
import type { PartRecord, Recording, RenditionRecord } from '../record/Record.ts'

/** Shortest part in part targets: 4.4.4.9. */
const SHORTEST = 0.85
/** Seconds: durations are written with a few digits. */
const ROUNDING = 0.000_05
/** How many target durations behind the end parts are listed: 6.2.2. */
const LISTED_FOR = 3

export const partChecks: readonly Check[] = [
  each(
    'parts/part-inf',
    'a playlist with parts says EXT-X-PART-INF, and its PART-TARGET never changes (4.4.3.7)',
    (playlist, first) => {
      if (playlist.partTarget === null) return 'there are parts without EXT-X-PART-INF'
      return playlist.partTarget === first.partTarget ? null : `from ${first.partTarget} to ${playlist.partTarget}`
    },
  ),
  each('parts/longest', 'no part is longer than PART-TARGET (4.4.4.9)', (playlist) => {
    const target = playlist.partTarget ?? 0
    const long = partsOf(playlist).find(({ part }) => part.duration > target + ROUNDING)
    return long ? `${long.part.uri} has ${long.part.duration} s, target ${target} s` : null
  }),
  each(
    'parts/shortest',
    'a part has 85 % of PART-TARGET, unless it is the last of its segment, independent, a gap, or before a gap (4.4.4.9)',
    (playlist) => {
      const least = (playlist.partTarget ?? 0) * SHORTEST - ROUNDING
      const short = partsOf(playlist).find(({ part, next, last }) => {
        return part.duration < least && !last && !part.independent && !part.gap && !next?.gap
      })
      return short ? `${short.part.uri} has ${short.part.duration} s, target ${playlist.partTarget} s` : null
    },
  ),
  files(
    'parts/independent',
    'INDEPENDENT=YES stands exactly where a part begins with an IDR, and at every part of sound (4.4.4.9)',
    ({ url, listed, file }, look) => {
      const begins = file?.facts?.fragments[0]?.independent
      if (begins === undefined) return
      look.expect(listed.independent === begins, url, () => {
        return begins ? 'begins with an IDR and does not say so' : 'says so and does not begin with an IDR'
      })
    },
  ),
  files(
    'parts/one-chunk',
    'a part is one moof and one mdat (CMAF chunk, ISO/IEC 23000-19 7.3.2.3)',
    ({ url, file }, look) => {
      const boxes = file?.facts?.boxes
      if (!boxes) return
      const chunk = boxes.filter((type) => !/^(styp|prft|emsg|sidx)$/.test(type)).join(' ')
      look.expect(chunk === 'moof mdat', url, () => `has ${boxes.join(' ')}`)
    },
  ),
  files(
    'parts/readable',
    'every part can be read with the init segment of its segment (3.2)',
    ({ url, file }, look) => {
      if (file?.fingerprint) look.expect(file.problem === null, url, () => file.problem ?? '')
    },
  ),
  {
    name: 'parts/are-the-segment',
    rule: 'the parts of a segment, one behind the other, are its bytes (3.2; delivery rules)',
    run: (recording, look) => {
      const all = mediaRenditions(recording).flatMap(({ segments }) => [...segments.values()])
      if (all.every(({ parts }) => parts.length === 0)) look.skip('low latency is not offered')
      for (const { url, joined, parts } of all) {
        if (joined !== null) look.expect(joined, url, () => `its ${parts.length} parts have other bytes`)
      }
    },
  },
  {
    name: 'parts/duration-true',
    rule: 'DURATIONs of the parts of a segment add up to its EXTINF, and to the media within a frame at each part that begins with a sample (4.4.4.9; authoring specification 8.1)',
    run: (recording, look) => {
      lowLatencySnapshots(recording, look)
      for (const rendition of mediaRenditions(recording)) durations(rendition, look)
    },
  },
  each(
    'parts/old-ones-go',
    'parts further than three target durations from the end are not listed (6.2.2)',
    (playlist) => {
      const old = tooOld(playlist)
      return old ? `${old.uri} is ${old.fromEnd.toFixed(2)} s from the end` : null
    },
  ),
  {
    name: 'parts/stay',
    rule: 'a part can be downloaded for three target durations after playlists listed it last (6.2.2)',
    run: (recording, look) => {
      lowLatencySnapshots(recording, look)
      for (const { exchange } of recording.probes.get('removed-part') ?? []) {
        const [rendition, part] = findPart(recording, exchange.url)
        const allowed = LISTED_FOR * 1000 * (rendition?.snapshots.at(-1)?.playlist.targetDuration ?? 0)
        const gone = part?.removedAt ?? 0
        if (
          !rendition ||
          exchange.endedAt - gone > allowed ||
          interrupted(rendition, part?.listedAt ?? 0, exchange.endedAt)
        )
          continue
        look.expect(exchange.status === 200, exchange.url, () => `${exchange.status}`)
      }
    },
  },
]

/** A check of every version of every playlist that offers parts. */
function each(
  name: string,
  rule: string,
  wrong: (playlist: MediaPlaylist, first: MediaPlaylist) => string | null,
): Check {
  const run = (recording: Recording, look: Look) => {
    const first = new Map<string, MediaPlaylist>()
    for (const { rendition, snapshot } of lowLatencySnapshots(recording, look)) {
      const { playlist } = snapshot
      if (!first.has(rendition.name)) first.set(rendition.name, playlist)
      const what = wrong(playlist, first.get(rendition.name) ?? playlist)
      look.expect(
        what === null,
        `${rendition.name} at ${playlist.underWay?.msn ?? playlist.mediaSequence}`,
        () => what ?? '',
      )
    }
  }
  return { name, rule, run }
}

/** A check of every part that came. */
function files(name: string, rule: string, run: (part: PartRecord, look: Look) => void): Check {
  return {
    name,
    rule,
    run: (recording, look) => {
      lowLatencySnapshots(recording, look)
      for (const { parts } of mediaRenditions(recording)) for (const part of parts) run(part, look)
    },
  }
}

interface PlacedPart {
  readonly part: ListedPart
  readonly next: ListedPart | null
  /** Whether it is known to be the last of its segment. */
  readonly last: boolean
}

function partsOf({ segments, underWay }: MediaPlaylist): PlacedPart[] {
  const all: ListedSegment[] = [...segments, ...(underWay ? [underWay] : [])]
  return all.flatMap(({ parts, uri }, at) =>
    parts.map((part, index) => ({
      part,
      next: parts[index + 1] ?? all[at + 1]?.parts[0] ?? null,
      // The newest of the segment under way may yet turn out to be its last.
      last: index === parts.length - 1 && (uri !== null || at === all.length - 1),
    })),
  )
}

/** The first part that ends too far from the end of the playlist, in seconds. */
function tooOld({ segments, underWay, targetDuration }: MediaPlaylist): { uri: string; fromEnd: number } | null {
  let fromEnd = 0
  for (const { parts, duration } of [...segments, ...(underWay ? [underWay] : [])].reverse()) {
    for (const part of [...parts].reverse()) {
      if (fromEnd > LISTED_FOR * targetDuration + ROUNDING) return { uri: part.uri, fromEnd }
      fromEnd += part.duration
    }
    if (parts.length === 0) fromEnd += duration ?? 0
  }
  return null
}

function durations(rendition: RenditionRecord, look: Look): void {
  for (const { url, listed, parts, init, joined } of rendition.segments.values()) {
    const timescale = init?.facts?.timescale
    if (joined === null || !timescale) continue
    const inOrder = [...parts].sort((a, b) => a.index - b.index)
    const sum = inOrder.reduce((total, part) => total + part.listed.duration, 0)
    const off = sum - (listed.duration ?? 0)
    look.expect(Math.abs(off) <= 0.001, url, () => `EXTINF ${listed.duration} s, parts ${sum.toFixed(5)} s`)
    const fragments = inOrder.map(({ file }) => file?.facts?.fragments[0])
    const start = fragments.find((one) => one && one.samples > 0)?.decodeTime
    const frame = Math.max(0, ...fragments.map((one) => one?.longest ?? 0)) / timescale
    if (start == null) continue
    let at = 0
    for (const [index, part] of inOrder.entries()) {
      const fragment = fragments[index]
      // Where frames are sparser than parts, some parts are empty, and a sample reaches over them.
      if (fragment && fragment.samples > 0 && fragment.decodeTime !== null) {
        const begins = (fragment.decodeTime - start) / timescale
        look.expect(Math.abs(begins - at) <= frame, part.url, () => `begins ${ms((begins - at) * 1000)} off`)
      }
      at += part.listed.duration
    }
  }
}

function findPart(recording: Recording, url: string): [RenditionRecord | null, PartRecord | null] {
  for (const rendition of mediaRenditions(recording)) {
    const part = rendition.parts.find((one) => one.url === url)
    if (part) return [rendition, part]
  }
  return [null, null]
}
