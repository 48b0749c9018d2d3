/** In charge of what a player can tell of itself in numbers: counts since it began, and what is so now. */

/** Null for what this transport or this browser does not tell. */
export interface Figures {
  /** Bytes of media received. */
  readonly bytes: number | null
  /** Frames decoded, and of them those that came too late to be shown. */
  readonly frames: number | null
  readonly dropped: number | null
  readonly packets: number | null
  readonly packetsLost: number | null
  /** Seconds received and not shown yet. */
  readonly buffer: number | null
  /** Seconds that frames waited in the jitter buffer, and how many: the buffer is the difference of one by the other. */
  readonly waited: { readonly seconds: number; readonly frames: number } | null
  /** Seconds. */
  readonly roundTrip: number | null
  /** `udp`, `tcp`, and whether through a relay. */
  readonly path: string | null
  readonly codec: string | null
}

export const NO_FIGURES: Figures = {
  bytes: null,
  frames: null,
  dropped: null,
  packets: null,
  packetsLost: null,
  buffer: null,
  waited: null,
  roundTrip: null,
  path: null,
  codec: null,
}

/** What any video element tells; the rest its player knows. */
export function elementFigures(
  video: HTMLVideoElement,
  known: { readonly bytes: number | null; readonly codec: string | null },
): Figures {
  const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality()
  const { buffered, currentTime } = video
  const here = Array.from({ length: buffered.length }, (_, index) => index).find(
    (index) => buffered.start(index) <= currentTime && currentTime <= buffered.end(index),
  )
  const buffer = here === undefined ? 0 : buffered.end(here) - currentTime
  return { ...NO_FIGURES, ...known, frames: totalVideoFrames, dropped: droppedVideoFrames, buffer }
}
