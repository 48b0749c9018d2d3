/** Renders I-frame playlists (8216bis, 4.4.3.6), and knows where in a segment its first picture ends: pure. */
import { BoxError, childBoxes, findBox } from './boxReader.ts'
import type { Segment } from './SegmentStore.ts'

/** `EXT-X-MAP` beside `EXT-X-I-FRAMES-ONLY`, and `EXT-X-GAP`: 8216bis, section 8. */
const [VERSION, GAP_VERSION] = [5, 8]

/** Bytes of a box header of ours. */
const HEADER = 8

/**
 * Bytes from the beginning of a segment of pictures through the end of its first sample, an IDR; null for a gap.
 * @throws BoxError for bytes that are no part of ours
 */
export function firstPictureBytes(segment: Pick<Segment, 'parts'>): number | null {
  const [part] = segment.parts
  if (!part?.independent) return null
  const [moof] = childBoxes(part.bytes)
  const trun = moof && findBox(moof.body, 'traf', 'trun')
  if (!moof || !trun) throw new BoxError('a part without samples at the beginning of a segment')
  const flags = trun.readUInt32BE(0) & 0xffffff
  // Version and count; then data offset, first flags and the first sample's duration where flags say so: ISO/IEC 14496-12, 8.8.8.
  const size = trun.readUInt32BE(8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0) + (flags & 0x100 ? 4 : 0))
  return HEADER + moof.body.length + HEADER + size
}

export interface IframePlaylist {
  /** Whole seconds. */
  readonly targetDuration: number
  /** Of a rendition with pictures, oldest first; at least one. */
  readonly segments: readonly Segment[]
  readonly ended: boolean
}

/** One picture a segment, which stands for all of it. @throws RangeError without a segment */
export function renderIframePlaylist({ targetDuration, segments, ended }: IframePlaylist): string {
  const [first] = segments
  if (!first) throw new RangeError('an I-frame playlist needs a segment')
  const lines = [
    '#EXTM3U',
    `#EXT-X-VERSION:${segments.some(({ gap }) => gap) ? GAP_VERSION : VERSION}`,
    `#EXT-X-TARGETDURATION:${targetDuration}`,
    `#EXT-X-MEDIA-SEQUENCE:${first.mediaSequence}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${first.discontinuitySequence - (first.discontinuity ? 1 : 0)}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    '#EXT-X-I-FRAMES-ONLY',
  ]
  let map: string | null = null
  for (const segment of segments) {
    const { init, startsAt, duration, name } = segment
    if (segment.discontinuity) lines.push('#EXT-X-DISCONTINUITY')
    if (init && init.name !== map) {
      map = init.name
      lines.push(`#EXT-X-MAP:URI="${map}"`)
    }
    const picture = firstPictureBytes(segment)
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(startsAt)).toISOString()}`)
    if (picture === null) lines.push('#EXT-X-GAP')
    lines.push(`#EXTINF:${duration.toFixed(5)},`)
    if (picture !== null) lines.push(`#EXT-X-BYTERANGE:${picture}@0`)
    lines.push(name)
  }
  if (ended) lines.push('#EXT-X-ENDLIST')
  return `${lines.join('\n')}\n`
}
