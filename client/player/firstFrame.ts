/** In charge of the moment at which a video element has something to show. */

/**
 * Calls back once when a decoded frame has been presented. Where no picture will come (`videoWidth` stays 0 while time
 * passes) or nothing is presented (a hidden page, no requestVideoFrameCallback), passing time is the sign.
 * Returns the function that forgets about it.
 */
export function onFirstFrame(video: HTMLVideoElement, callback: () => void): () => void {
  const frames = 'requestVideoFrameCallback' in video
  const stop = (): void => {
    video.removeEventListener('timeupdate', onTime)
    if (handle !== null) video.cancelVideoFrameCallback(handle)
  }
  const done = (): void => {
    stop()
    callback()
  }
  const onTime = (): void => {
    const unseen = !frames || document.hidden || video.videoWidth === 0
    if (unseen && video.currentTime > 0 && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) done()
  }
  const handle = frames ? video.requestVideoFrameCallback(done) : null
  video.addEventListener('timeupdate', onTime)
  return stop
}
