/** In charge of what is sent when a device is gone: black frames and silence, so that no stream ever falls silent. */
import type { Size } from './encodings.ts'
import { everyInHiddenTabs } from './everyInHiddenTabs.ts'

/** A track that somebody must close. */
export interface StandIn {
  readonly track: MediaStreamTrack
  close(): void
}

/** Frames per second of the black picture: enough to keep HTTP parts filled. */
const BLACK_RATE = 15

/** Black frames in the size of what they stand in for, so that no parameter set changes. */
export function blackVideo(size: Size): StandIn {
  const canvas = document.createElement('canvas')
  canvas.width = size.width
  canvas.height = size.height
  const context = canvas.getContext('2d')
  // Each drawing makes a frame, even of the same colour.
  const draw = () => context?.fillRect(0, 0, canvas.width, canvas.height)
  draw()
  const [track] = canvas.captureStream(BLACK_RATE).getVideoTracks()
  if (!track) throw new Error('the canvas gives no track')
  const cancel = everyInHiddenTabs(1000 / BLACK_RATE, draw)
  return {
    track,
    close() {
      cancel()
      track.stop()
    },
  }
}

/** Silence as an audio track. */
export function silentAudio(): StandIn {
  const context = new AudioContext()
  const [track] = context.createMediaStreamDestination().stream.getAudioTracks()
  if (!track) throw new Error('the audio context gives no track')
  return {
    track,
    close() {
      track.stop()
      void context.close()
    },
  }
}
