/** In charge of what the viewer wants of the picture: players ask, and hear when it changes. It outlives them all. */
import { Emitter } from '../../lib/Emitter.ts'
import type { Quality, QualityWish, Size } from './quality.ts'

export type WishEvents = {
  change: []
}

export class Wish extends Emitter<WishEvents> implements QualityWish {
  /** Seconds behind capture that are to be shown; null: as few as the transport can hold. Asked several times a second. */
  delay: number | null = null
  #quality: Quality
  #box: Size | null = null

  constructor(quality: Quality = 'auto') {
    super()
    this.#quality = quality
  }

  get quality(): Quality {
    return this.#quality
  }

  set quality(quality: Quality) {
    if (quality === this.#quality) return
    this.#quality = quality
    this.emit('change')
  }

  /** See QualityWish. */
  get box(): Size | null {
    return this.#box
  }

  set box(box: Size | null) {
    if (box?.width === this.#box?.width && box?.height === this.#box?.height) return
    this.#box = box
    this.emit('change')
  }
}
