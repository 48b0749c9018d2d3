/** In charge of one fact: when a video element last presented a new frame. */

export class PresentedFrames {
  readonly #video: HTMLVideoElement
  #handle: number | null = null
  #lastAt: number | null = null

  /** Follows the element until `close()`; browsers without requestVideoFrameCallback tell nothing. */
  constructor(video: HTMLVideoElement) {
    this.#video = video
    if ('requestVideoFrameCallback' in video) this.#follow()
  }

  /** On the clock of `performance.now()`; null before the first, and in a hidden page nothing new. */
  get lastAt(): number | null {
    return this.#lastAt
  }

  close(): void {
    if (this.#handle !== null) this.#video.cancelVideoFrameCallback(this.#handle)
    this.#handle = null
  }

  #follow(): void {
    this.#handle = this.#video.requestVideoFrameCallback((now) => {
      this.#lastAt = now
      this.#follow()
    })
  }
}
