/** Renders the multivariant playlist: pure text from facts. */

/** `EXT-X-MAP` in a playlist of ordinary segments: RFC 8216, section 7. */
const VERSION = 6

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
  /** The same of its I-frame playlist; undefined where there is none. */
  readonly pictureBandwidth?: number
  /** Media is flowing now; false while its playlist goes on with gaps. */
  readonly present: boolean
}

/** Playlist addresses relative to the multivariant playlist. */
function playlistPath(renditionId: string, session: string | undefined, file: string): string {
  return `${renditionId}/${file}${session === undefined ? '' : `?session=${encodeURIComponent(session)}`}`
}

/** The multivariant playlist: video variants of which there is media from the lowest up, then sound alone for the narrowest networks. */
export function renderMultivariantPlaylist(
  renditions: readonly RenditionFacts[],
  session?: string,
  file = 'playlist.m3u8',
): string {
  const audio = renditions.find((rendition) => rendition.kind === 'audio')
  const lines = ['#EXTM3U', `#EXT-X-VERSION:${VERSION}`, '#EXT-X-INDEPENDENT-SEGMENTS']
  if (audio) {
    lines.push(
      `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Audio",LANGUAGE="und",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="${audio.channels}",URI="${playlistPath(audio.id, session, file)}"`,
    )
  }
  const video = playable(renditions)
  video.sort((a, b) => a.bandwidth - b.bandwidth)
  // All rungs show one source, whose rate is the greatest that any of them can have (8216bis, 4.4.6.2); what a layer had in
  // its first segment says little. hls.js reads it once, and never changes up to a rung that is said to be slower.
  const frameRate = Math.max(...video.map((rendition) => rendition.frameRate))
  for (const rendition of video) {
    lines.push(...variant([{ ...rendition, frameRate }, ...(audio ? [audio] : [])], session, file))
  }
  if (audio) lines.push(...variant([audio], session, file))
  for (const rendition of video) lines.push(...iframes(rendition))
  return `${lines.join('\n')}\n`
}

/** Nobody is led to a rung where nothing comes: to sound alone where only that is left, unless nothing comes anywhere. */
function playable(renditions: readonly RenditionFacts[]): RenditionFacts[] {
  const isAnyPresent = renditions.some((rendition) => rendition.present)
  return renditions.filter(({ kind, present }) => kind === 'video' && (present || !isAnyPresent))
}

function variant(together: readonly RenditionFacts[], session: string | undefined, file: string): string[] {
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
  return [`#EXT-X-STREAM-INF:${attributes.join(',')}`, playlistPath(main.id, session, file)]
}

/** Whoever scrubs through an I-frame playlist plays another one as well, and is counted there. */
function iframes({ id, codecs, width, height, pictureBandwidth }: RenditionFacts): string[] {
  if (pictureBandwidth === undefined) return []
  const attributes = [`BANDWIDTH=${pictureBandwidth}`, `CODECS="${codecs}"`, `RESOLUTION=${width}x${height}`]
  return [`#EXT-X-I-FRAME-STREAM-INF:${attributes.join(',')},URI="${playlistPath(id, undefined, 'iframes.m3u8')}"`]
}
