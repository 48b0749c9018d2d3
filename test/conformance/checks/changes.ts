/** Checks of how media playlists change, and of how they agree with each other. */
import { type Check, interrupted, type Look, mediaRenditions } from '../check.ts'
import type { ListedPart, ListedSegment, MediaPlaylist } from '../playlist/model.ts'
import type { Recording, RenditionRecord } from '../record/Record.ts'

export const changeChecks: readonly Check[] = [
  {
    name: 'changes/media-sequence',
    rule: 'EXT-X-MEDIA-SEQUENCE grows by one for each segment taken out, and never shrinks; the newest never goes (4.4.3.2, 6.2.2)',
    run: (recording, look) => {
      for (const rendition of recording.renditions.values()) {
        const { name, snapshots } = rendition
        for (const [index, { playlist, exchange }] of snapshots.entries()) {
          const last = snapshots[index - 1]
          const before = last?.playlist
          if (!before) continue
          const grown = playlist.mediaSequence >= before.mediaSequence
          look.expect(grown, name, () => `from ${before.mediaSequence} to ${playlist.mediaSequence}`)
          // A server that was killed has lost the segment under way, and that alone.
          const killed = interrupted(rendition, last.exchange.endedAt, exchange.endedAt)
          const had = (killed ? null : before.underWay?.msn) ?? before.segments.at(-1)?.msn ?? -1
          const newest = playlist.underWay?.msn ?? playlist.segments.at(-1)?.msn ?? -1
          look.expect(newest >= had, name, () => `the newest was ${had} and is ${newest}`)
          for (const { msn, uri } of playlist.segments) {
            const moved = before.segments.find((one) => one.uri === uri && one.msn !== msn)
            look.expect(!moved, name, () => `${uri} was ${moved?.msn} and is ${msn}`)
          }
        }
      }
    },
  },
  {
    name: 'changes/discontinuity-sequence',
    rule: 'no segment changes its Discontinuity Sequence Number, and the tag never shrinks (6.2.1, 6.2.2)',
    run: (recording, look) => {
      for (const { name, snapshots } of recording.renditions.values()) {
        const known = new Map<number, number>()
        let last = 0
        for (const { playlist } of snapshots) {
          const now = playlist.discontinuitySequence ?? 0
          look.expect(now >= last, name, () => `EXT-X-DISCONTINUITY-SEQUENCE from ${last} to ${now}`)
          last = now
          for (const { msn, dsn } of playlist.segments) {
            const before = known.get(msn) ?? dsn
            look.expect(before === dsn, `${name} ${msn}`, () => `was ${before}, is ${dsn}`)
            known.set(msn, dsn)
          }
        }
      }
    },
  },
  {
    name: 'changes/nothing-rewritten',
    rule: 'a playlist is only appended to, shortened from the front, and ended: no segment or part is rewritten (6.2.1)',
    run: (recording, look) => {
      for (const rendition of recording.renditions.values()) rewritten(rendition, look)
      for (const { exchange, fingerprint } of recording.probes.get('again') ?? []) {
        const file = recording.renditions.size > 0 && fileOf(recording, exchange.url)
        if (file && exchange.status === 200)
          look.expect(file === fingerprint, exchange.url, () => 'has other bytes now')
      }
    },
  },
  {
    name: 'changes/header-stays',
    rule: 'tags of the whole playlist, EXT-X-SERVER-CONTROL and EXT-X-PART-INF too, stay as they are, at the end as well (6.2.1)',
    run: (recording, look) => {
      for (const { name, snapshots } of recording.renditions.values()) {
        const first = snapshots[0] && headerOf(snapshots[0].playlist)
        for (const { playlist } of snapshots) {
          const now = headerOf(playlist)
          look.expect(now === first, name, () => `was ${first}, is ${now}`)
        }
      }
    },
  },
  {
    name: 'changes/endlist',
    rule: 'EXT-X-ENDLIST comes when the broadcast has ended, in all playlists, and nothing comes after it (4.4.3.4, 6.2.1)',
    run: (recording, look) => {
      const all = mediaRenditions(recording)
      for (const { name, snapshots } of all) {
        for (const [index, { playlist }] of snapshots.entries()) {
          const before = snapshots[index - 1]?.playlist
          if (!before) continue
          look.expect(!before.ended || playlist.ended, name, () => 'goes on after its end')
        }
      }
      const ends = all.map(({ snapshots }) => snapshots.at(-1)).filter((one) => one?.playlist.ended)
      if (ends.length === 0) return
      const endedAt = Math.min(...ends.map((one) => one?.exchange.endedAt ?? 0))
      for (const { name, snapshots } of all) {
        // Who reloads by the clock sees the end later; who was answered later must have seen it.
        const later = snapshots.findLast(({ exchange }) => exchange.sentAt > endedAt)
        if (later) look.expect(later.playlist.ended, name, () => 'goes on while another playlist has ended')
      }
    },
  },
  {
    name: 'changes/discontinuities-agree',
    rule: 'a segment has the same Discontinuity Sequence Number in all renditions, and discontinuities stand before the same ones (6.2.4; authoring specification 8.15)',
    run: (recording, look) => {
      const first = new Map<number, { name: string; listed: ListedSegment }>()
      for (const { name, segments } of mediaRenditions(recording)) {
        for (const [msn, { listed }] of segments) {
          const other = first.get(msn)
          if (!other) {
            first.set(msn, { name, listed })
            continue
          }
          const same = other.listed.dsn === listed.dsn && other.listed.discontinuity === listed.discontinuity
          look.expect(same, `${name} ${msn}`, () => {
            return `${listed.dsn}${listed.discontinuity ? ' with' : ' without'} a tag, ${other.name}: ${other.listed.dsn}`
          })
        }
      }
    },
  },
  {
    name: 'changes/new-init-breaks',
    rule: 'another Media Initialization Section comes with a discontinuity (6.2.1; authoring specification 8.13)',
    run: (recording, look) => {
      for (const { name, segments } of mediaRenditions(recording)) {
        for (const [msn, { listed }] of segments) {
          const before = segments.get(msn - 1)?.listed
          if (!before?.map || !listed.map || before.dsn !== listed.dsn) continue
          look.expect(before.map === listed.map, `${name} ${msn}`, () => `from ${before.map} to ${listed.map}`)
        }
      }
    },
  },
]

function rewritten({ name, snapshots }: RenditionRecord, look: Look): void {
  const segments = new Map<number, string>()
  const parts = new Map<string, string>()
  const partsAt = new Map<number, Set<string>>()
  for (const { playlist } of snapshots) {
    for (const segment of playlist.segments) {
      const text = textOf(segment)
      const before = segments.get(segment.msn) ?? text
      look.expect(before === text, `${name} ${segment.msn}`, () => `was ${before}, is ${text}`)
      segments.set(segment.msn, text)
    }
    for (const { msn, parts: listed } of [...playlist.segments, ...(playlist.underWay ? [playlist.underWay] : [])]) {
      for (const part of listed) {
        const text = partText(part)
        const before = parts.get(part.uri) ?? text
        look.expect(before === text, `${name} ${part.uri}`, () => `was ${before}, is ${text}`)
        parts.set(part.uri, text)
      }
      // Parts go from the front: the first that is listed was there before, and none is put before it.
      const [head] = listed
      if (!head) continue
      const known = partsAt.get(msn) ?? new Set(listed.map(({ uri }) => uri))
      look.expect(known.has(head.uri), `${name} ${msn}`, () => `${head.uri} instead of ${[...known][0]}`)
      for (const { uri } of listed) known.add(uri)
      partsAt.set(msn, known)
    }
  }
}

function textOf({ uri, duration, gap, discontinuity, map, programDateTime }: ListedSegment): string {
  return JSON.stringify({ uri, duration, gap, discontinuity, map, programDateTime })
}

/** Of a restarted server too: what players were promised holds for them. */
function headerOf({
  targetDuration,
  partTarget,
  serverControl,
  iFramesOnly,
  independentSegments,
}: MediaPlaylist): string {
  return JSON.stringify({ targetDuration, partTarget, control: serverControl?.text, iFramesOnly, independentSegments })
}

function partText({ duration, independent, gap }: ListedPart): string {
  return JSON.stringify({ duration, independent, gap })
}

function fileOf(recording: Recording, url: string): string | null {
  const all = [...recording.renditions.values()].flatMap(({ segments }) => [...segments.values()])
  return all.find((segment) => segment.url === url)?.file?.fingerprint ?? null
}
