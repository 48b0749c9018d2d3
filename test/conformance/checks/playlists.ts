/** Checks of what a media playlist says by itself. */
import { type Check, type Look, mediaRenditions, segmentsOf, snapshotsOf } from '../check.ts'
import type { MediaPlaylist } from '../playlist/model.ts'
import type { Recording } from '../record/Record.ts'

/** Fewest segments of a live playlist: Apple's HLS authoring specification, 8.11. */
const FEWEST_SEGMENTS = 6

export const playlistChecks: readonly Check[] = [
  each(
    'playlist/syntax',
    'tags are well formed, required ones are there, none stands twice (4.2, 4.4)',
    ({ faults }) => (faults.length > 0 ? faults.slice(0, 3).join('; ') : null),
  ),
  each(
    'playlist/version',
    'EXT-X-VERSION is at least 6 with EXT-X-MAP (5 for I-frames), 8 with EXT-X-GAP, 9 with EXT-X-SKIP (section 8)',
    (playlist) => {
      const least = leastVersion(playlist)
      return playlist.version < least ? `is ${playlist.version}, needs ${least}` : null
    },
  ),
  {
    name: 'playlist/map',
    rule: 'every segment that is no gap has an EXT-X-MAP in force (4.4.4.5; authoring specification 8.20)',
    run: (recording, look) => {
      for (const rendition of recording.renditions.values()) {
        for (const { listed } of rendition.segments.values()) {
          if (!listed.gap) look.expect(listed.map !== null, `${rendition.name} ${listed.msn}`, () => 'has no EXT-X-MAP')
        }
      }
    },
  },
  {
    name: 'playlist/same-target-duration',
    rule: 'all media playlists have the same EXT-X-TARGETDURATION, and it never changes (6.2.1, 6.2.4; authoring specification 8.2)',
    run: (recording, look) => {
      let first: number | null = null
      for (const { rendition, snapshot } of snapshotsOf(recording)) {
        const { targetDuration } = snapshot.playlist
        first ??= targetDuration
        look.expect(targetDuration === first, rendition.name, () => `${targetDuration} s here, ${first} s elsewhere`)
      }
    },
  },
  {
    name: 'playlist/within-target',
    rule: 'no segment is longer than the target duration when rounded to a whole second (4.4.3.1, 6.2.1)',
    run: (recording, look) => {
      for (const rendition of recording.renditions.values()) {
        const target = rendition.snapshots.at(-1)?.playlist.targetDuration ?? 0
        for (const { listed } of segmentsOf(rendition)) {
          const right = Math.round(listed.duration ?? 0) <= target
          look.expect(right, `${rendition.name} ${listed.msn}`, () => `${listed.duration} s, target ${target} s`)
        }
      }
    },
  },
  {
    name: 'playlist/six-segments',
    rule: 'nothing is taken out of a live playlist that then has fewer than six segments or three target durations (6.2.2; authoring specification 8.11)',
    run: (recording, look) => {
      for (const { name, snapshots } of mediaRenditions(recording)) {
        for (const [index, { playlist }] of snapshots.entries()) {
          const before = snapshots[index - 1]?.playlist
          const shrunk = before && playlist.mediaSequence > before.mediaSequence && overlaps(before, playlist)
          if (!shrunk || playlist.ended) continue
          const count = playlist.segments.length
          const length = playlist.segments.reduce((sum, { duration }) => sum + (duration ?? 0), 0)
          const enough = count >= FEWEST_SEGMENTS && length >= 3 * playlist.targetDuration
          look.expect(enough, `${name} ${playlist.mediaSequence}`, () => `${count} segments, ${length.toFixed(1)} s`)
        }
      }
    },
  },
  each(
    'playlist/program-date-time',
    'the first segment and every one after a discontinuity has an EXT-X-PROGRAM-DATE-TIME (6.2.1; authoring specification 8.4)',
    ({ segments, underWay }) => {
      const all = [...segments, ...(underWay ? [underWay] : [])]
      const without = all.find((one, index) => (index === 0 || one.discontinuity) && one.programDateTime === null)
      return without ? `segment ${without.msn} has none` : null
    },
  ),
  each(
    'playlist/discontinuity-sequence',
    'EXT-X-DISCONTINUITY-SEQUENCE is always there (authoring specification 8.17)',
    (playlist) => (playlist.discontinuitySequence === null ? 'is missing' : null),
  ),
  each('playlist/no-type', 'a live playlist has no EXT-X-PLAYLIST-TYPE (6.2.2)', ({ hasPlaylistType, ended }) =>
    hasPlaylistType && !ended ? 'has one' : null,
  ),
]

/** A check that looks at every version of every media playlist; `wrong` says what is, or null. */
function each(name: string, rule: string, wrong: (playlist: MediaPlaylist) => string | null): Check {
  const run = (recording: Recording, look: Look) => {
    for (const rendition of recording.renditions.values()) {
      for (const { playlist } of rendition.snapshots) {
        const what = wrong(playlist)
        look.expect(what === null, `${rendition.name} at ${playlist.mediaSequence}`, () => what ?? '')
      }
    }
  }
  return { name, rule, run }
}

function leastVersion({ segments, underWay, skipped, iFramesOnly }: MediaPlaylist): number {
  if (skipped !== null) return 9
  const all = [...segments, ...(underWay ? [underWay] : [])]
  if (all.some(({ gap }) => gap)) return 8
  // Playlists of I-frames had the tag a version earlier.
  return all.some(({ map }) => map !== null) ? (iFramesOnly ? 5 : 6) : 1
}

function overlaps(before: MediaPlaylist, after: MediaPlaylist): boolean {
  return before.segments.some(({ msn }) => msn === after.mediaSequence)
}
