/** Checks of the low-latency tags: server control, preload hints, rendition reports. */
import {
  type Check,
  interrupted,
  type Look,
  lowLatencySnapshots,
  mediaRenditions,
  offersParts,
  snapshotsOf,
} from '../check.ts'
import type { MediaPlaylist, ServerControl } from '../playlist/model.ts'
import {
  type Position,
  positionOf,
  type Recording,
  type RenditionRecord,
  resolveUrl,
  type Snapshot,
  withoutQuery,
} from '../record/Record.ts'

/** Share of a part target in which half of all held hints must be delivered once their bytes began to come. */
const LINE_SPEED = 0.25

/** How many target durations a part is waited for, at least, before its request may be refused. */
const HOLD_TARGETS = 3

const NOWHERE: Position = { msn: -1, part: -1 }

export const lowLatencyChecks: readonly Check[] = [
  control('server-control/can-block-reload', 'CAN-BLOCK-RELOAD=YES (4.4.3.8, B.1)', ({ canBlockReload }) =>
    canBlockReload ? null : 'not said',
  ),
  control(
    'server-control/part-hold-back',
    'PART-HOLD-BACK is at least three part targets (4.4.3.8; authoring specification 14.3)',
    ({ partHoldBack }, { partTarget }) => atLeast(partHoldBack, 3 * (partTarget ?? 0)),
  ),
  control(
    'server-control/hold-back',
    'HOLD-BACK is at least three target durations (4.4.3.8)',
    ({ holdBack }, { targetDuration }) => atLeast(holdBack, 3 * targetDuration),
  ),
  control(
    'server-control/can-skip-until',
    'CAN-SKIP-UNTIL is at least six target durations (4.4.3.8)',
    ({ canSkipUntil }, { targetDuration }) => atLeast(canSkipUntil, 6 * targetDuration),
  ),
  {
    name: 'server-control/same',
    rule: 'all media playlists have the same EXT-X-SERVER-CONTROL (6.2.4)',
    run: (recording, look) => {
      const all = snapshotsOf(recording).filter(({ snapshot }) => !snapshot.playlist.ended)
      const first = all.find(({ snapshot }) => snapshot.playlist.serverControl)?.snapshot.playlist.serverControl
      if (!first) return look.skip('EXT-X-SERVER-CONTROL is not offered')
      for (const { rendition, snapshot } of all) {
        const text = snapshot.playlist.serverControl?.text ?? 'none'
        look.expect(text === first.text, rendition.name, () => `${text}, elsewhere ${first.text}`)
      }
    },
  },
  {
    name: 'preload-hint/one',
    rule: 'a live playlist has exactly one EXT-X-PRELOAD-HINT of TYPE=PART, unless no part comes next: it ends, or a gap or discontinuity follows (4.4.5.3, 6.2.6, B.1)',
    run: (recording, look) => {
      lowLatencySnapshots(recording, look)
      for (const { name, snapshots } of mediaRenditions(recording)) {
        for (const [index, { playlist }] of snapshots.entries()) {
          if (!offersParts(playlist)) continue
          const count = playlist.hints.filter(({ type }) => type === 'PART').length
          const none = playlist.ended || (count === 0 && standsBeforeBreak(snapshots, index))
          look.expect(
            count === (none ? 0 : 1),
            `${name} at ${show(positionOf(playlist) ?? NOWHERE)}`,
            () => `${count} hints`,
          )
        }
      }
    },
  },
  {
    name: 'preload-hint/comes-true',
    rule: 'the next new part is the one that was hinted (4.4.5.3)',
    run: (recording, look) => {
      lowLatencySnapshots(recording, look)
      for (const rendition of mediaRenditions(recording)) comesTrue(rendition, look)
    },
  },
  {
    name: 'preload-hint/held',
    rule: 'a request for a hinted part is held, and answered with the part (6.2.6)',
    run: (recording, look) => {
      lowLatencySnapshots(recording, look)
      for (const rendition of mediaRenditions(recording)) {
        const longest =
          HOLD_TARGETS * 1000 * Math.max(...rendition.snapshots.map((each) => each.playlist.targetDuration))
        for (const { url, file, listedAt } of rendition.hints) {
          const { status, sentAt, endedAt, error } = file.exchange
          // What was never listed was never made: planned segmentation may change (6.2.6), or the broadcast end.
          if (listedAt === null || interrupted(rendition, sentAt, endedAt)) continue
          // As with playlists, nobody waits for ever for a source that is away.
          if (status >= 400 && endedAt - sentAt >= longest * 0.95) continue
          look.expect(status === 200, url, () => `${error ?? status} after ${Math.round(endedAt - sentAt)} ms`)
        }
        for (const { url, file, again } of rendition.parts) {
          if (again?.exchange.status !== 200 || !file?.fingerprint) continue
          look.expect(again.fingerprint === file.fingerprint, url, () => 'has other bytes when asked for again')
        }
      }
    },
  },
  {
    name: 'preload-hint/line-speed',
    rule: 'a held part is not sent before all of it can be sent at the speed of the link (6.2.6)',
    run: (recording, look) => {
      lowLatencySnapshots(recording, look)
      for (const { name, hints, snapshots } of mediaRenditions(recording)) {
        const target = snapshots.findLast(({ playlist }) => playlist.partTarget !== null)?.playlist.partTarget ?? 0
        const times = hints
          .filter(({ file }) => file.exchange.status === 200)
          .map(({ file }) => file.exchange.endedAt - file.exchange.bodyAt)
          .sort((a, b) => a - b)
        const half = times[Math.floor(times.length / 2)]
        if (half === undefined) continue
        look.expect(half <= target * 1000 * LINE_SPEED, name, () => `half of them took ${Math.round(half)} ms and more`)
      }
    },
  },
  {
    name: 'rendition-report/all',
    rule: 'a live playlist has one EXT-X-RENDITION-REPORT with a relative URI for every other rendition, and none for itself (4.4.5.4, B.1)',
    run: (recording, look) => {
      for (const { rendition, snapshot } of lowLatencySnapshots(recording, look)) {
        const { reports, ended } = snapshot.playlist
        if (ended) continue
        const base = snapshot.exchange.url
        const listed = reports.map(({ uri }) => withoutQuery(resolveUrl(uri, base)))
        const others = mediaRenditions(recording).filter((one) => one !== rendition && servedAt(one, snapshot.exchange))
        const missing = others.filter((one) => !listed.includes(withoutQuery(one.url)))
        const twice = listed.length - new Set(listed).size
        look.expect(
          missing.length === 0,
          rendition.name,
          () => `none for ${missing.map(({ name }) => name).join(', ')}`,
        )
        look.expect(
          twice === 0 && !listed.includes(withoutQuery(base)),
          rendition.name,
          () => 'one twice, or for itself',
        )
        look.expect(
          reports.every(({ uri }) => !URL.canParse(uri)),
          rendition.name,
          () => 'an address is not relative',
        )
      }
    },
  },
  {
    name: 'rendition-report/true',
    rule: 'LAST-MSN and LAST-PART are there, never beyond what that rendition serves, nor more than a part behind (4.4.5.4)',
    run: (recording, look) => {
      for (const { rendition, snapshot } of lowLatencySnapshots(recording, look)) {
        if (snapshot.playlist.ended) continue
        for (const report of snapshot.playlist.reports) {
          const other = recording.renditions.get(withoutQuery(resolveUrl(report.uri, snapshot.exchange.url)))
          if (
            !other ||
            other === rendition ||
            interrupted(other, snapshot.exchange.sentAt - 1000, snapshot.exchange.endedAt + 1000)
          )
            continue
          judgeReport(rendition.name, other, snapshot.exchange, { msn: report.lastMsn, part: report.lastPart }, look)
        }
      }
    },
  },
]

/** Whether what comes next could not be hinted at: the end, a part that will be missing, a new beginning, or nothing at all. */
function standsBeforeBreak(snapshots: readonly Snapshot[], index: number): boolean {
  const now = snapshots[index]?.playlist
  const end = now && positionOf(now)
  if (!end) return true
  for (const { playlist } of snapshots.slice(index + 1)) {
    if (playlist.ended) return true
    const fresh = freshParts(playlist, end)[0]
    if (fresh) return fresh.part.gap || (fresh.at === 0 && fresh.discontinuity)
  }
  return true
}

/** Parts that a playlist lists behind a position. */
function freshParts({ segments, underWay }: MediaPlaylist, end: Position) {
  return [...segments, ...(underWay ? [underWay] : [])]
    .flatMap(({ msn, parts, discontinuity }) => parts.map((part, at) => ({ msn, at, part, discontinuity })))
    .filter(({ msn, at }) => msn > end.msn || (msn === end.msn && at > end.part))
}

function comesTrue({ name, snapshots }: RenditionRecord, look: Look): void {
  for (const [index, { playlist, exchange }] of snapshots.entries()) {
    const before = snapshots[index - 1]
    const hint = before?.playlist.hints.find(({ type }) => type === 'PART')
    const [then, now] = [before && positionOf(before.playlist), positionOf(playlist)]
    if (!before || !hint || !then || !now || playlist.ended || playlist.mediaSequence > then.msn + 1) continue
    const [fresh] = freshParts(playlist, then)
    if (!fresh || fresh.part.gap) continue
    const [hinted, came] = [resolveUrl(hint.uri, before.exchange.url), resolveUrl(fresh.part.uri, exchange.url)]
    look.expect(hinted === came, name, () => `${hint.uri} was hinted, ${fresh.part.uri} came`)
  }
}

/** Bounds of what was true at the moment of an answer: what others had seen before it was asked for, and saw after it came. */
function judgeReport(
  name: string,
  other: RenditionRecord,
  exchange: { sentAt: number; endedAt: number },
  said: { msn: number | null; part: number | null },
  look: Look,
): void {
  const where = `${name} on ${other.name}`
  const { msn, part } = said
  look.expect(msn !== null, where, () => 'LAST-MSN is missing')
  if (msn === null) return
  const seen = other.snapshots.findLast((one) => one.exchange.endedAt <= exchange.sentAt)
  const later = other.snapshots.find((one) => one.exchange.sentAt >= exchange.endedAt)
  const offers = seen && offersParts(seen.playlist)
  look.expect(!offers || part !== null, where, () => 'LAST-PART is missing')
  if (offers && part === null) return
  const told: Position = { msn, part: part ?? -1 }
  const [low, high] = [seen && positionOf(seen.playlist), later && reach(later.playlist)]
  if (high) look.expect(compare(told, high) <= 0, where, () => `${show(told)}, later it served ${show(high)}`)
  if (low && seen) {
    const behind = partsBetween(seen.playlist, told)
    look.expect(behind <= 1, where, () => `${show(told)}, before it served ${show(low)} already`)
  }
}

/** The furthest position that a playlist can mean: a whole segment has all its parts, listed or not. */
function reach(playlist: MediaPlaylist): Position | null {
  const end = positionOf(playlist)
  return end && (playlist.underWay ? end : { ...end, part: Number.POSITIVE_INFINITY })
}

/** How many parts a playlist lists behind a position. */
function partsBetween({ segments, underWay }: MediaPlaylist, from: Position): number {
  const all = [...segments, ...(underWay ? [underWay] : [])]
  return all.reduce((sum, { msn, parts }) => {
    if (msn < from.msn) return sum
    return sum + (msn > from.msn ? Math.max(parts.length, 1) : Math.max(0, parts.length - 1 - from.part))
  }, 0)
}

/** Whether a rendition had a playlist before the request, and had it without a break until after it. */
function servedAt(rendition: RenditionRecord, { sentAt, endedAt }: { sentAt: number; endedAt: number }): boolean {
  const before = rendition.snapshots.findLast(({ exchange }) => exchange.endedAt <= sentAt)
  const after = rendition.snapshots.find(({ exchange }) => exchange.sentAt >= endedAt)
  if (!before || !after) return false
  return !interrupted(rendition, before.exchange.endedAt, after.exchange.sentAt)
}

/** A check of EXT-X-SERVER-CONTROL in every version of every playlist with parts. */
function control(
  name: string,
  rule: string,
  wrong: (control: ServerControl, playlist: MediaPlaylist) => string | null,
): Check {
  const run = (recording: Recording, look: Look) => {
    for (const { rendition, snapshot } of lowLatencySnapshots(recording, look)) {
      const { serverControl } = snapshot.playlist
      const what = serverControl ? wrong(serverControl, snapshot.playlist) : 'EXT-X-SERVER-CONTROL is missing'
      look.expect(what === null, rendition.name, () => what ?? '')
    }
  }
  return { name, rule, run }
}

function atLeast(value: number | null, least: number): string | null {
  // Decimal fractions: 3 × 0.35 is 1.0499999999999998.
  return value !== null && value >= least - 1e-6 ? null : `is ${value}, must be at least ${least}`
}

function compare(a: Position, b: Position): number {
  return a.msn - b.msn || a.part - b.part
}

function show({ msn, part }: Position): string {
  return `${msn}.${part}`
}
