/** In charge of the newest picture of a broadcast while there is none that moves: where nothing was asked for, or it takes long. */
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'
import { make } from './dom.ts'
import type { PlayerSource } from './playerSource.ts'

/** Milliseconds: who sees a frame before that needs no poster, nor the work of making one. */
const PATIENCE_MS = 700

export class Poster {
  readonly root = make('img', { class: 'poster', part: 'poster', alt: '', hidden: '' })
  readonly #clock: Clock
  #url: string | null = null
  #hasPicture = false
  #cancel: CancelTimer | undefined

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
    this.root.addEventListener('load', () => this.#settle())
    // There is none, and the server says so without a picture.
    this.root.addEventListener('error', () => this.#forget())
  }

  /** Of this broadcast from now on. `isAwaited`: its picture is on the way already. */
  begin(source: PlayerSource | null, isAwaited: boolean): void {
    this.#forget()
    this.#hasPicture = false
    this.#url = source && `${source.origin}/hls/${source.broadcastId}/poster.jpg?player=1`
    if (isAwaited) this.#cancel = this.#clock.after(PATIENCE_MS, () => this.#load())
    else this.#load()
  }

  update(hasPicture: boolean): void {
    if (hasPicture === this.#hasPicture) return
    this.#hasPicture = hasPicture
    this.#settle()
  }

  close(): void {
    this.#forget()
  }

  #load(): void {
    if (this.#url !== null && !this.#hasPicture) this.root.src = this.#url
  }

  #settle(): void {
    this.root.hidden = this.#hasPicture || this.root.naturalWidth === 0
  }

  #forget(): void {
    this.#cancel?.()
    this.root.hidden = true
    this.root.removeAttribute('src')
  }
}
