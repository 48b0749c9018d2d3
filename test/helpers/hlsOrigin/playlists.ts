/** In charge of the playlists of the synthetic origin at a moment. Pure. */
import { large, small } from './media.ts'
import { BREAK, PART, PARTS, partsAfter, partsOf, type RenditionId, SEGMENT, startOf } from './Show.ts'

export const TARGET = 1
export const renditionIds: readonly RenditionId[] = ['v0', 'v1', 'audio']

/** What may be wrong with playlists beyond their texts. */
export interface WindowSettings {
  /** Whole segments listed; 10 by default. */
  readonly window?: number
  /** Seconds from the end within which parts are listed; 3 by default. */
  readonly partsFor?: number
  /** Seconds from the end behind which a delta update leaves segments out; 6 by default. */
  readonly skipUntil?: number
}

/** A moment in parts since the beginning. */
export interface Moment {
  readonly tick: number
  readonly ended: boolean
  /** Wall clock of the beginning, in milliseconds. */
  readonly epoch: number
}

export function multivariant(): string {
  const sound = 'AUDIO="sound"'
  const variant = (id: string, bits: number, picture: typeof small, rate: string) => [
    `#EXT-X-STREAM-INF:BANDWIDTH=${bits},AVERAGE-BANDWIDTH=${bits},CODECS="${picture.codec},mp4a.40.2",RESOLUTION=${picture.width}x${picture.height},FRAME-RATE=${rate},${sound}`,
    `${id}.m3u8`,
  ]
  return lines([
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Sound",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio.m3u8"',
    ...variant('v0', 100_000, small, '3.750'),
    ...variant('v1', 170_000, large, '25.000'),
    `#EXT-X-STREAM-INF:BANDWIDTH=70000,AVERAGE-BANDWIDTH=70000,CODECS="mp4a.40.2",${sound}`,
    'audio.m3u8',
    `#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=20000,CODECS="${large.codec}",RESOLUTION=854x480,URI="iframes.m3u8"`,
  ])
}

export function media(id: RenditionId, moment: Moment, settings: WindowSettings, skip = false): string {
  const { first, end, steps } = windowOf(moment, settings)
  const skipped = skip && !moment.ended ? skippable(first, end, settings.skipUntil ?? 6 * TARGET) : 0
  const partsFor = settings.partsFor ?? 3 * TARGET
  const out = [
    '#EXTM3U',
    `#EXT-X-VERSION:${skipped > 0 ? 9 : 6}`,
    `#EXT-X-TARGETDURATION:${TARGET}`,
    `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=${6 * TARGET},HOLD-BACK=${3 * TARGET},PART-HOLD-BACK=0.6`,
    `#EXT-X-PART-INF:PART-TARGET=${PART}`,
    `#EXT-X-MEDIA-SEQUENCE:${first}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${first > BREAK ? 1 : 0}`,
    ...(skipped > 0 ? [`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`] : []),
  ]
  const total = end * SEGMENT + steps * PART
  let map = skipped > 0 ? initName(first + skipped - 1) : ''
  const begin = (segment: number) => {
    if (segment === BREAK) out.push('#EXT-X-DISCONTINUITY')
    if (initName(segment) !== map) {
      map = initName(segment)
      out.push(`#EXT-X-MAP:URI="${id}/${map}"`)
    }
    out.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(moment.epoch + startOf(id, segment) * 1000).toISOString()}`)
  }
  for (let segment = first + skipped; segment < end; segment++) {
    begin(segment)
    if (!moment.ended && total - segment * SEGMENT <= partsFor) out.push(...partLines(id, segment, PARTS))
    const duration = startOf(id, segment + 1) - startOf(id, segment)
    out.push(`#EXTINF:${duration.toFixed(5)},`, `${id}/${segment}.m4s`)
  }
  if (moment.ended) return lines([...out, '#EXT-X-ENDLIST'])
  if (steps > 0) begin(end)
  out.push(...partLines(id, end, steps))
  out.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${id}/${end}.${partsAfter(id, end, steps)}.m4s"`)
  for (const other of renditionIds) {
    if (other === id) continue
    const [msn, count] = steps > 0 ? [end, partsAfter(other, end, steps)] : [end - 1, partsOf(other, end - 1).length]
    out.push(`#EXT-X-RENDITION-REPORT:URI="${other}.m3u8",LAST-MSN=${msn},LAST-PART=${count - 1}`)
  }
  return lines(out)
}

/** One I-frame a segment: the first chunk of each. */
export function iFrames(moment: Moment, settings: WindowSettings): string {
  const { first, end } = windowOf(moment, settings)
  const out = [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    `#EXT-X-TARGETDURATION:${TARGET}`,
    `#EXT-X-MEDIA-SEQUENCE:${first}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${first > BREAK ? 1 : 0}`,
    '#EXT-X-I-FRAMES-ONLY',
  ]
  for (let segment = first; segment < end; segment++) {
    if (segment === BREAK) out.push('#EXT-X-DISCONTINUITY')
    if (segment === first || segment === BREAK) out.push(`#EXT-X-MAP:URI="v1/${initName(segment)}"`)
    out.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(moment.epoch + segment * SEGMENT * 1000).toISOString()}`)
    const length = partsOf('v1', segment)[0]?.bytes.length ?? 0
    out.push(`#EXTINF:${SEGMENT.toFixed(5)},`, `#EXT-X-BYTERANGE:${length}@0`, `v1/${segment}.m4s`)
  }
  if (moment.ended) out.push('#EXT-X-ENDLIST')
  return lines(out)
}

/** Segments from `first` to before `end` are whole; of `end` there are the parts of `steps` parts' time. */
export function windowOf(
  { tick }: Moment,
  { window = 10 }: WindowSettings,
): { first: number; end: number; steps: number } {
  const end = Math.floor(tick / PARTS)
  return { first: Math.max(0, end - window), end, steps: tick % PARTS }
}

function initName(segment: number): string {
  return segment < BREAK ? 'init0.mp4' : 'init1.mp4'
}

function skippable(first: number, end: number, boundary: number): number {
  const all = Array.from({ length: end - first }, (_, index) => first + index)
  return all.filter((segment) => (end - segment - 1) * SEGMENT > boundary + 0.001).length
}

function partLines(id: RenditionId, segment: number, steps: number): string[] {
  const parts = partsOf(id, segment).slice(0, partsAfter(id, segment, steps))
  return parts.map(({ duration, independent }, index) => {
    return `#EXT-X-PART:DURATION=${duration.toFixed(5)},URI="${id}/${segment}.${index}.m4s"${independent ? ',INDEPENDENT=YES' : ''}`
  })
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`
}
