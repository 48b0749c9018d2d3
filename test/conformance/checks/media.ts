/** Checks of the media itself, and of what playlists say about it. */
import { type Check, interrupted, kindOf, type Look, mediaRenditions, ms, segmentsOf, timesOf } from '../check.ts'
import type { RenditionRecord, SegmentRecord } from '../record/Record.ts'

/** Seconds: two ticks of the coarsest timescale in use, and floats. */
const SAME_TICK = 0.0001
/**
 * Seconds, as short as parts ever are: a picture said to stay for so long came without the next one in sight. What comes
 * before its end takes its place, as any player does (Media Source Extensions, 3.5.8).
 */
const LONG_STAY = 0.25
/** Milliseconds by which neighbours may differ in program date against media time: rounding twice, and a clock slewed by 1 ms a second. */
const SAME_CLOCK = 8
/** Milliseconds by which the mapping may wander within a run, as architecture.md bounds it for an hour. */
const MOST_WANDER = 50
/** Milliseconds by which renditions may disagree about the wall clock of the same media time. */
const SAME_MAPPING = 20

export const mediaChecks: readonly Check[] = [
  {
    name: 'media/available',
    rule: 'everything that is listed and no gap can be downloaded at once (6.2.1)',
    run: (recording, look) => {
      for (const rendition of recording.renditions.values()) {
        const files = [...segmentsOf(rendition), ...rendition.parts]
        for (const { url, file, listedAt, listed } of files) {
          if (listed.gap || !file || interrupted(rendition, listedAt, file.exchange.endedAt)) continue
          const { status, error } = file.exchange
          look.expect(status === 200 || status === 206, url, () => `${error ?? status}`)
        }
        for (const [url, { exchange }] of rendition.inits) {
          if (interrupted(rendition, exchange.sentAt, exchange.endedAt)) continue
          look.expect(exchange.status === 200, url, () => `${exchange.error ?? exchange.status}`)
        }
      }
    },
  },
  {
    name: 'media/readable',
    rule: 'segments are fragmented MP4 of one track each, described by their EXT-X-MAP (3.1.2, ISO/IEC 23000-19)',
    run: (recording, look) => {
      for (const rendition of recording.renditions.values()) {
        for (const [url, { exchange, problem }] of rendition.inits) {
          if (exchange.status === 200) look.expect(problem === null, url, () => problem ?? '')
        }
        for (const { url, file } of segmentsOf(rendition)) {
          if (file?.fingerprint) look.expect(file.problem === null, url, () => file.problem ?? '')
        }
      }
    },
  },
  {
    name: 'media/avc1',
    rule: 'parameter sets are in the sample description (avc1 and hvc1), and nowhere in the samples (authoring specification, fMP4; ISO/IEC 14496-15 5.3)',
    run: (recording, look) => {
      for (const rendition of mediaRenditions(recording)) {
        for (const [url, { facts }] of rendition.inits) {
          if (facts?.kind !== 'video') continue
          const { entry, parameterSets } = facts
          look.expect(/^(avc1|hvc1|dvh1|av01)$/.test(entry), url, () => `the sample entry is ${entry}`)
          if (entry === 'avc1') look.expect(parameterSets > 0, url, () => 'the description has no parameter set')
        }
        for (const { url, file } of segmentsOf(rendition)) {
          const inside = file?.facts?.fragments.some(({ hasParameterSets }) => hasParameterSets) ?? false
          if (file?.facts) look.expect(!inside, url, () => 'there are parameter sets in its samples')
        }
      }
    },
  },
  {
    name: 'media/begins-with-idr',
    rule: 'every video segment begins with an IDR (authoring specification 7.4)',
    run: (recording, look) => {
      for (const rendition of mediaRenditions(recording)) {
        if (kindOf(rendition) !== 'video') continue
        for (const { url, file } of segmentsOf(rendition)) {
          const [first] = file?.facts?.fragments ?? []
          if (file?.facts) look.expect(first?.independent ?? false, url, () => 'begins with something else')
        }
      }
    },
  },
  {
    name: 'media/continuous',
    rule: 'decode times go on without hole or overlap over fragments and segments (authoring specification 7.1, 7.3)',
    run: (recording, look) => {
      for (const rendition of mediaRenditions(recording)) {
        for (const segment of segmentsOf(rendition)) {
          withinSegment(segment, look)
          const before = rendition.segments.get(segment.listed.msn - 1)
          const [then, now] = [before && sameRun(before, segment) ? timesOf(before) : null, timesOf(segment)]
          if (!then || !now) continue
          const hole = now.start - then.end
          look.expect(Math.abs(hole) <= SAME_TICK, segment.url, () => `begins ${ms(hole * 1000)} after the end before`)
        }
      }
    },
  },
  {
    name: 'media/extinf',
    rule: 'sums of EXTINF durations are true to within a frame (4.4.4.1; authoring specification 8.1)',
    run: (recording, look) => {
      for (const rendition of mediaRenditions(recording)) {
        for (const run of runsOf(rendition)) {
          const start = run[0] && timesOf(run[0])?.start
          if (start === undefined) continue
          let sum = 0
          for (const segment of run) {
            sum += segment.listed.duration ?? 0
            const times = timesOf(segment)
            if (!times) continue
            const off = times.end - start - sum
            look.expect(Math.abs(off) <= times.frame, segment.url, () => `the sum is ${ms(off * 1000)} off`)
          }
        }
      }
    },
  },
  {
    name: 'media/program-date-time',
    rule: `program dates go with media time: neighbours within ${SAME_CLOCK} ms, a run within ${MOST_WANDER} ms (4.4.4.6)`,
    run: (recording, look) => {
      for (const rendition of mediaRenditions(recording)) {
        for (const run of runsOf(rendition)) {
          const offsets = run.map(offsetOf)
          const [first] = offsets.filter((offset) => offset !== null)
          for (const [index, offset] of offsets.entries()) {
            const before = offsets[index - 1]
            const url = run[index]?.url ?? ''
            if (offset === null || first === undefined) continue
            if (before != null) {
              const step = offset - before
              look.expect(Math.abs(step) <= SAME_CLOCK, url, () => `steps by ${ms(step)} against media time`)
            }
            look.expect(Math.abs(offset - first) <= MOST_WANDER, url, () => `wandered ${ms(offset - first)}`)
          }
        }
      }
    },
  },
  {
    name: 'media/same-clock',
    rule: `all renditions map media time to the same date within ${SAME_MAPPING} ms (6.2.4)`,
    run: (recording, look) => {
      compare(mediaRenditions(recording), look, (segment) => offsetOf(segment), SAME_MAPPING)
    },
  },
  {
    name: 'media/aligned',
    rule: 'the same segment begins at the same media time in all renditions, to within a frame (6.2.4; authoring specification 8.3, 8.22)',
    run: (recording, look) => {
      const start = (segment: SegmentRecord) => {
        const times = timesOf(segment)
        return times && times.start * 1000
      }
      const frames = mediaRenditions(recording).flatMap(({ segments }) =>
        [...segments.values()].map((one) => timesOf(one)?.frame ?? 0),
      )
      compare(
        mediaRenditions(recording),
        look,
        start,
        Math.min(Math.max(20, ...frames.map((frame) => frame * 1000)), 100),
      )
    },
  },
]

/** Compares a value of the same segment in all renditions, in milliseconds. */
function compare(
  renditions: readonly RenditionRecord[],
  look: Look,
  measure: (segment: SegmentRecord) => number | null,
  most: number,
): void {
  const first = new Map<number, number>()
  for (const rendition of renditions) {
    for (const segment of segmentsOf(rendition)) {
      const value = measure(segment)
      if (value === null) continue
      const other = first.get(segment.listed.msn)
      if (other === undefined) first.set(segment.listed.msn, value)
      else
        look.expect(Math.abs(value - other) <= most, segment.url, () => `${ms(value - other)} from another rendition`)
    }
  }
}

function withinSegment({ url, init, file }: SegmentRecord, look: Look): void {
  const timescale = init?.facts?.timescale
  if (!file?.facts || !timescale) return
  let end: number | null = null
  let stays = false
  for (const { decodeTime, duration, samples, emptyFor, longest } of file.facts.fragments) {
    look.expect(decodeTime !== null, url, () => 'a fragment has no decode time')
    if (samples === 0) {
      look.expect(emptyFor !== null, url, () => 'a fragment without samples does not say duration-is-empty')
      // Where frames stopped for a while, the last one could not say for how long.
      end = null
      continue
    }
    if (decodeTime === null) continue
    const hole = end === null ? 0 : (decodeTime - end) / timescale
    const isCutShort = stays && hole < 0
    look.expect(isCutShort || Math.abs(hole) <= SAME_TICK, url, () => {
      return `a fragment begins ${ms(hole * 1000)} after the end before`
    })
    end = decodeTime + duration
    stays = longest >= LONG_STAY * timescale
  }
}

/** Whether the media of two neighbours is one piece. */
function sameRun(before: SegmentRecord, segment: SegmentRecord): boolean {
  return before.listed.dsn === segment.listed.dsn && !segment.listed.discontinuity
}

/** Segments that follow each other without a discontinuity, gap or hole in the recording. */
function runsOf(rendition: RenditionRecord): SegmentRecord[][] {
  const runs: SegmentRecord[][] = []
  let last: SegmentRecord | null = null
  for (const segment of segmentsOf(rendition)) {
    if (segment.listed.gap || !segment.file?.facts) {
      last = null
      continue
    }
    const run = runs.at(-1)
    if (run && last && last.listed.msn === segment.listed.msn - 1 && sameRun(last, segment)) run.push(segment)
    else runs.push([segment])
    last = segment
  }
  return runs
}

/** Wall clock minus media time in milliseconds; null where either is not known. */
function offsetOf(segment: SegmentRecord): number | null {
  const times = timesOf(segment)
  const date = segment.listed.programDateTime
  return times && date !== null ? date - times.start * 1000 : null
}
