/** In charge of what a picture is encoded into: how many simulcast layers, how large, at which bit rate, in which codec. */

/** In pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** One simulcast layer, as `RTCRtpEncodingParameters` wants it. */
export interface Encoding {
  readonly rid: string
  readonly scaleResolutionDownBy: number
  /** Bits per second. */
  readonly maxBitrate: number
  readonly scalabilityMode: 'L1T1'
}

/**
 * Chromium starts the third layer from 960×540 and the second from 480×270 pixels of source (`kSimulcastFormats` in
 * libwebrtc's simulcast.cc); two layers are asked for from 640×360, since a quarter of less is not worth watching.
 */
const THREE_LAYERS_FROM = 960 * 540
const TWO_LAYERS_FROM = 640 * 360

/** Half a megabit a second for 640×360 at 30 fps, and per pixel a little less the larger the picture is. */
const REFERENCE = { pixels: 640 * 360, bitrate: 500_000, exponent: 0.88 }
const MIN_BITRATE = 100_000

/**
 * Most pixels of a layer. A shared 1080p screen with all its pixels would want 3.45 Mbit/s for the top layer alone,
 * twice what the camera before it took: the top layer would stay off until the bandwidth estimate has climbed there, and
 * the viewers would see half of the size. It also costs more than twice the encoding. At two thirds text is still read.
 */
const MAX_PIXELS = 1280 * 720

/** Bits per second that a camera picture of this size deserves in H.264: 150k at 180p, 500k at 360p, 1.7M at 720p. */
export function bitrateFor({ width, height }: Size): number {
  const bitrate = REFERENCE.bitrate * ((width * height) / REFERENCE.pixels) ** REFERENCE.exponent
  return Math.max(MIN_BITRATE, Math.round(bitrate / 50_000) * 50_000)
}

/** How many layers a source is large enough for, by its pixels: a phone held upright counts as much as one held level. */
export function layerCount({ width, height }: Size): 1 | 2 | 3 {
  const pixels = width * height
  if (pixels >= THREE_LAYERS_FROM) return 3
  return pixels >= TWO_LAYERS_FROM ? 2 : 1
}

/** By what the sides of a source are divided for the top layer: steps of a quarter, which leave few odd sizes. */
function topScale({ width, height }: Size): number {
  return Math.max(1, Math.ceil(Math.sqrt((width * height) / MAX_PIXELS) * 4) / 4)
}

/**
 * The layers of a source, lowest first as mediasoup orders them, each half the size of the next, the top one at most
 * 720p. `count` is given when
 * the source of a running producer was replaced: its number of layers cannot change any more.
 *
 * One temporal layer: the tap copies every frame anyway and mediasoup drops temporal layers for VP8 only, so more of
 * them would only cost bits.
 */
export function encodingsFor(source: Size, count: number = layerCount(source)): Encoding[] {
  return Array.from({ length: count }, (_, index) => {
    const scale = topScale(source) * 2 ** (count - 1 - index)
    return {
      rid: `r${index}`,
      scaleResolutionDownBy: scale,
      maxBitrate: bitrateFor({ width: source.width / scale, height: source.height / scale }),
      scalabilityMode: 'L1T1',
    }
  })
}

/**
 * Kilobits per second that the bandwidth estimate starts from: all lower layers and half of the top one, so that every
 * layer runs from the first second. From libwebrtc's 300 the top layer takes several seconds to come.
 */
export function startBitrateFor(encodings: readonly Encoding[]): number {
  const bits = encodings.reduce((sum, { maxBitrate }, i) => sum + maxBitrate / (i === encodings.length - 1 ? 2 : 1), 0)
  return Math.round(bits / 1000)
}

/**
 * Frames are dropped before pixels when the processor is too slow: each change of size would be a new parameter set, a
 * new init segment and a discontinuity for everyone who watches over HTTP, while frames that are missing cost nothing.
 * A slow uplink is another matter: there the bandwidth allocation switches whole layers off from the top, and the ones
 * that remain keep their sizes.
 */
export const degradationPreference = 'maintain-resolution'

/** What the encoder is told to care for: a face must move, a shared screen must be legible. */
export function contentHintFor(source: 'camera' | 'screen'): 'motion' | 'detail' {
  return source === 'camera' ? 'motion' : 'detail'
}

interface Codec {
  readonly mimeType: string
  readonly parameters?: Record<string, unknown>
}

/**
 * The codec to send, of those that the browser can encode and the router takes; null when there is none. H.264 first,
 * since the tap copies it: constrained baseline (42e0…), which has no B-frames and plays everywhere, else any other
 * profile. VP8 is the one that every browser without H.264 has.
 */
export function chooseVideoCodec<C extends Codec>(codecs: readonly C[]): C | null {
  const named = (name: string) => codecs.filter(({ mimeType }) => mimeType.toLowerCase() === name)
  const h264 = named('video/h264')
  const baseline = h264.find(({ parameters }) => /^42e0/i.test(String(parameters?.['profile-level-id'])))
  return baseline ?? h264[0] ?? named('video/vp8')[0] ?? null
}
