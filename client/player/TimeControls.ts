/** In charge of the controls of time: going back, the bar of what there is, pause, and back to live. */
import type { player } from '../i18n/en/player.ts'
import type { Translate } from '../i18n/translate.ts'
import { clockTime } from '../lib/clockTime.ts'
import { Emitter } from '../lib/Emitter.ts'
import { icon, make } from './dom.ts'
import type { ReplayTime } from './Replay.ts'

export interface TimeFacts {
  /** A live picture that can be gone back in. */
  readonly canGoBack: boolean
  /** Null while the picture is live. */
  readonly time: ReplayTime | null
  readonly isPaused: boolean
  /** There is a live picture to return to. */
  readonly canGoLive: boolean
}

export type TimeEvents = {
  /** Leave the live picture for the recent past. */
  back: []
  /** Seconds from the beginning of what there is. */
  seek: [position: number]
  pause: []
  live: []
}

/** One press of an arrow key, in seconds. */
const STEP = 5

export class TimeControls extends Emitter<TimeEvents> {
  readonly elements: readonly HTMLElement[]
  readonly #t: Translate<typeof player>
  readonly #back = make('button', { part: 'back', type: 'button' })
  readonly #pause = make('button', { part: 'pause', type: 'button' })
  readonly #seek = make('input', { type: 'range', class: 'seek', min: '0', step: '0.1', part: 'seek' })
  readonly #clock = make('span', { class: 'time', part: 'time' })
  readonly #live = make('button', { class: 'to-live', part: 'go-live', type: 'button' })
  #dragging = false

  constructor(t: Translate<typeof player>) {
    super()
    this.#t = t
    this.#back.append(icon('back'))
    this.#back.setAttribute('aria-label', t('goBack'))
    this.#back.title = t('goBack')
    this.#seek.setAttribute('aria-label', t('position'))
    this.#live.append(t('goLive'))
    this.elements = [this.#back, this.#pause, this.#seek, this.#clock, this.#live]
    this.#back.addEventListener('click', () => this.emit('back'))
    this.#pause.addEventListener('click', () => this.emit('pause'))
    this.#live.addEventListener('click', () => this.emit('live'))
    this.#seek.addEventListener('input', () => {
      this.#dragging = true
      this.#showClock(Number(this.#seek.value), Number(this.#seek.max))
    })
    this.#seek.addEventListener('change', () => {
      this.#dragging = false
      this.emit('seek', Number(this.#seek.value))
    })
    this.#seek.addEventListener('keydown', (event) => {
      const step = event.key === 'ArrowLeft' ? -STEP : event.key === 'ArrowRight' ? STEP : 0
      if (step === 0) return
      event.preventDefault()
      this.emit('seek', Number(this.#seek.value) + step)
    })
  }

  update({ canGoBack, time, isPaused, canGoLive }: TimeFacts): void {
    this.#back.hidden = !canGoBack || time !== null
    for (const element of [this.#pause, this.#seek, this.#clock]) element.hidden = time === null
    this.#live.hidden = time === null || !canGoLive
    if (time === null) return
    const word = this.#t(isPaused ? 'play' : 'pause')
    if (this.#pause.title !== word) {
      this.#pause.title = word
      this.#pause.setAttribute('aria-label', word)
      this.#pause.replaceChildren(icon(isPaused ? 'play' : 'pause'))
    }
    if (this.#dragging) return
    this.#seek.max = time.duration.toFixed(1)
    this.#seek.value = time.position.toFixed(1)
    this.#showClock(time.position, time.duration)
  }

  #showClock(position: number, duration: number): void {
    const text = `${clockTime(position)} / ${clockTime(duration)}`
    this.#clock.textContent = text
    this.#seek.setAttribute('aria-valuetext', text)
  }
}
