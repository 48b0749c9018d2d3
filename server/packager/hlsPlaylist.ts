/** Renders HLS playlists: pure text from facts. */
import type { Segment } from './SegmentStore.ts'

/** `EXT-X-MAP` in a playlist of ordinary segments: RFC 8216, section 7. */
const VERSION = 6

export interface MediaPlaylist {
  /** Whole seconds. */
  readonly targetDuration: number
  /** At least one. */
  readonly segments: readonly Segment[]
  readonly ended: boolean
}

/** A media playlist of whole segments. */
export function renderMediaPlaylist({ targetDuration, segments, ended }: MediaPlaylist): string {
  const [first] = segments
  if (!first) throw new RangeError('a media playlist needs a segment')
  const lines = [
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    `#EXT-X-TARGETDURATION:${targetDuration}`,
    `#EXT-X-MEDIA-SEQUENCE:${first.mediaSequence}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${first.discontinuitySequence - (first.discontinuity ? 1 : 0)}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
  ]
  let map: string | null = null
  for (const segment of segments) {
    if (segment.discontinuity) lines.push('#EXT-X-DISCONTINUITY')
    if (segment.init && segment.init.name !== map) {
      map = segment.init.name
      lines.push(`#EXT-X-MAP:URI="${map}"`)
    }
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(segment.startsAt)).toISOString()}`)
    if (segment.parts.length === 0) lines.push('#EXT-X-GAP')
    lines.push(`#EXTINF:${segment.duration.toFixed(5)},`, segment.name)
  }
  if (ended) lines.push('#EXT-X-ENDLIST')
  return `${lines.join('\n')}\n`
}

/** What the multivariant playlist says about a rendition. */
export interface RenditionFacts {
  readonly id: string
  readonly kind: 'video' | 'audio'
  /** RFC 6381, from the real bytes. */
  readonly codecs: string
  /** Pixels; 0 for audio. */
  readonly width: number
  readonly height: number
  /** Measured frames a second; 0 for audio. */
  readonly frameRate: number
  /** Audio channels; 0 for video. */
  readonly channels: number
  /** Bits a second: measured peak and headroom, and the mean. */
  readonly bandwidth: number
  readonly averageBandwidth: number
  /** Media is flowing now; false while its playlist goes on with gaps. */
  readonly present: boolean
}

/** Playlist addresses relative to the multivariant playlist. */
function playlistPath(renditionId: string, session?: string): string {
  return `${renditionId}/playlist.m3u8${session === undefined ? '' : `?session=${encodeURIComponent(session)}`}`
}

/** The multivariant playlist: video variants from the lowest up, then sound alone for the narrowest networks. */
export function renderMultivariantPlaylist(renditions: readonly RenditionFacts[], session?: string): string {
  const audio = renditions.find((rendition) => rendition.kind === 'audio')
  const lines = ['#EXTM3U', `#EXT-X-VERSION:${VERSION}`, '#EXT-X-INDEPENDENT-SEGMENTS']
  if (audio) {
    lines.push(
      `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Audio",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="${audio.channels}",URI="${playlistPath(audio.id, session)}"`,
    )
  }
  const video = renditions.filter((rendition) => rendition.kind === 'video')
  video.sort((a, b) => a.bandwidth - b.bandwidth)
  for (const rendition of video) lines.push(...variant([rendition, ...(audio ? [audio] : [])], session))
  if (audio) lines.push(...variant([audio], session))
  return `${lines.join('\n')}\n`
}

function variant(together: readonly RenditionFacts[], session?: string): string[] {
  const [main] = together
  if (!main) return []
  const sum = (of: (rendition: RenditionFacts) => number) => together.reduce((total, each) => total + of(each), 0)
  const attributes = [
    `BANDWIDTH=${sum((each) => each.bandwidth)}`,
    `AVERAGE-BANDWIDTH=${sum((each) => each.averageBandwidth)}`,
    `CODECS="${together.map((each) => each.codecs).join(',')}"`,
  ]
  if (main.kind === 'video') {
    attributes.push(`RESOLUTION=${main.width}x${main.height}`, `FRAME-RATE=${main.frameRate.toFixed(3)}`)
  }
  if (together.at(-1)?.kind === 'audio') attributes.push('AUDIO="audio"')
  return [`#EXT-X-STREAM-INF:${attributes.join(',')}`, playlistPath(main.id, session)]
}
