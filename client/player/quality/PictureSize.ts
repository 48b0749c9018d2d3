/**
 * In charge of how large the picture is on the screen, in device pixels: the player's box, the window of a picture in
 * picture, nothing while the page is hidden. Said late where it gets smaller: who drags a window or looks at another tab
 * for a moment is spared two changes of quality.
 */
import { type CancelTimer, type Clock, systemClock } from '../../lib/clock.ts'
import type { Size } from './quality.ts'

export interface PictureSizeOptions {
  readonly host: HTMLElement
  readonly onChange: (size: Size) => void
  readonly clock?: Clock
}

/** Milliseconds that a size must last: a larger one, and a smaller one. */
const SETTLE_MS = 250
const SHRINK_AFTER_MS = 5_000

const HIDDEN: Size = { width: 0, height: 0 }

export class PictureSize {
  readonly #options: PictureSizeOptions
  readonly #clock: Clock
  readonly #listening = new AbortController()
  readonly #observer: ResizeObserver
  #floating: PictureInPictureWindow | null = null
  /** Null before the first was told. */
  #told: Size | null = null
  #cancel: CancelTimer | undefined

  /** Tells the first size as soon as the element is laid out. */
  static create(options: PictureSizeOptions): PictureSize {
    const size = new PictureSize(options)
    size.#wire()
    return size
  }

  private constructor(options: PictureSizeOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#observer = new ResizeObserver(() => this.#look())
  }

  close(): void {
    this.#cancel?.()
    this.#observer.disconnect()
    this.#listening.abort()
  }

  get #size(): Size {
    const ratio = devicePixelRatio || 1
    const { host } = this.#options
    // An element that was taken away while it floated says nothing any more.
    const floating = host.shadowRoot?.pictureInPictureElement ? this.#floating : null
    const { width, height } = floating ?? { width: host.clientWidth, height: host.clientHeight }
    if (document.hidden && !floating) return HIDDEN
    return { width: Math.round(width * ratio), height: Math.round(height * ratio) }
  }

  #wire(): void {
    const { signal } = this.#listening
    const { host } = this.#options
    this.#observer.observe(host)
    document.addEventListener('visibilitychange', () => this.#look(), { signal })
    // Both bubble, and are composed neither in name nor in fact: they are caught within the shadow tree.
    const inside = host.shadowRoot ?? host
    inside.addEventListener('enterpictureinpicture', (event) => this.#float(event as PictureInPictureEvent), { signal })
    inside.addEventListener('leavepictureinpicture', () => this.#land(), { signal })
  }

  #float({ pictureInPictureWindow }: PictureInPictureEvent): void {
    this.#floating = pictureInPictureWindow
    pictureInPictureWindow.addEventListener('resize', () => this.#look(), { signal: this.#listening.signal })
    this.#look()
  }

  #land(): void {
    this.#floating = null
    this.#look()
  }

  #look(): void {
    const size = this.#size
    this.#cancel?.()
    const told = this.#told
    if (told === null) {
      this.#tell(size)
      return
    }
    const grows = size.width > told.width || size.height > told.height
    this.#cancel = this.#clock.after(grows ? SETTLE_MS : SHRINK_AFTER_MS, () => this.#tell(size))
  }

  #tell(size: Size): void {
    this.#told = size
    this.#options.onChange(size)
  }
}
