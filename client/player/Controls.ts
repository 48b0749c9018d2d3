/** In charge of the bar under the picture and the two large buttons on it: sound, volume, full screen, live or not. */
import type { player } from '../i18n/en/player.ts'
import type { Translate } from '../i18n/translate.ts'
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import { type Icon, icon, make } from './dom.ts'
import { TimeControls, type TimeFacts } from './TimeControls.ts'

export interface ControlsFacts {
  readonly isLive: boolean
  readonly isMuted: boolean
  /** Sound is wanted but the browser waits for a touch. */
  readonly isSilenced: boolean
  readonly volume: number
  readonly isFullscreen: boolean
  readonly canFullscreen: boolean
  /** Whether a press is needed before anything plays. */
  readonly needsPlay: boolean
  /** What would be played is over, and words about that are on the picture. */
  readonly isOver: boolean
  /** The broadcaster's microphone is off. */
  readonly isMicrophoneOff: boolean
  /** Null before anything plays. */
  readonly time: TimeFacts | null
}

export type ControlsEvents = {
  play: []
  /** Wanted from now on. */
  muted: [muted: boolean]
  /** From 0 to 1. */
  volume: [volume: number]
  fullscreen: []
}

/** The bar rests when nobody has moved for so many milliseconds. */
const REST_AFTER_MS = 3_000
/** One press of an arrow key. */
const VOLUME_STEP = 0.05

export class Controls extends Emitter<ControlsEvents> {
  readonly root: DocumentFragment
  readonly time: TimeControls
  readonly #t: Translate<typeof player>
  readonly #clock: Clock
  readonly #bar = make('div', { class: 'bar', part: 'controls', role: 'group' })
  readonly #play = make('button', { class: 'big', part: 'play', type: 'button' })
  readonly #playWord = document.createTextNode('')
  readonly #sound = make('button', { class: 'big sound', part: 'unmute', type: 'button' })
  readonly #mute = make('button', { part: 'mute', type: 'button' })
  readonly #volume = make('input', { type: 'range', min: '0', max: '1', step: '0.01', part: 'volume' })
  readonly #live = make('span', { class: 'live', part: 'live' })
  readonly #silent = make('span', { class: 'silent' })
  readonly #fullscreen = make('button', { part: 'fullscreen', type: 'button' })
  /** Ends all listening: the host outlives the controls when it is moved in the page. */
  readonly #listening = new AbortController()
  #facts: ControlsFacts | undefined
  #cancelRest: CancelTimer | undefined

  /** `host` is where pointer and keys are listened to. */
  static create(host: HTMLElement, t: Translate<typeof player>, clock: Clock = systemClock): Controls {
    const controls = new Controls(t, clock)
    controls.#wire(host)
    return controls
  }

  private constructor(t: Translate<typeof player>, clock: Clock) {
    super()
    this.#t = t
    this.time = new TimeControls(t)
    this.#clock = clock
    this.root = document.createDocumentFragment()
    this.#bar.setAttribute('aria-label', t('controls'))
    this.#volume.setAttribute('aria-label', t('volume'))
    this.#live.textContent = t('live')
    this.#silent.textContent = t('microphoneOff')
    this.#play.append(icon('play'), this.#playWord)
    this.#sound.append(icon('silence'), t('soundOn'))
    const space = make('span', { class: 'space' })
    this.#bar.append(this.#mute, this.#volume, this.#live, ...this.time.elements, this.#silent, space, this.#fullscreen)
    this.root.append(this.#play, this.#sound, this.#bar)
  }

  /** Shows what is; touches the document only where something differs. */
  update(facts: ControlsFacts): void {
    this.#facts = facts
    this.#play.hidden = !facts.needsPlay
    this.#play.classList.toggle('below', facts.isOver)
    this.#playWord.data = this.#t(facts.isOver ? 'watchAgain' : 'play')
    this.#sound.hidden = !facts.isSilenced || facts.needsPlay
    this.#live.hidden = !facts.isLive
    this.time.update(facts.time ?? { canGoBack: false, time: null, isPaused: false, canGoLive: false })
    this.#silent.hidden = !facts.isMicrophoneOff
    this.#fullscreen.hidden = !facts.canFullscreen
    const silent = facts.isMuted || facts.isSilenced
    label(this.#mute, silent ? 'silence' : 'sound', this.#t(silent ? 'unmute' : 'mute'))
    label(
      this.#fullscreen,
      facts.isFullscreen ? 'reduce' : 'enlarge',
      this.#t(facts.isFullscreen ? 'leaveFullscreen' : 'fullscreen'),
    )
    const volume = String(silent ? 0 : facts.volume)
    if (this.#volume.value !== volume) this.#volume.value = volume
  }

  close(): void {
    this.removeAllListeners()
    this.#listening.abort()
    this.#cancelRest?.()
  }

  #wire(host: HTMLElement): void {
    const { signal } = this.#listening
    for (const [button, act] of [
      [this.#play, () => this.emit('play')],
      [this.#sound, () => this.emit('muted', false)],
    ] as const) {
      const onClick = (): void => {
        act()
        // It vanishes: what comes next on the keyboard is the button that takes it back.
        this.#mute.focus()
      }
      button.addEventListener('click', onClick, { signal })
    }
    this.#mute.addEventListener('click', () => this.#toggleMute(), { signal })
    this.#fullscreen.addEventListener('click', () => this.emit('fullscreen'), { signal })
    this.#volume.addEventListener('input', () => this.#setVolume(Number(this.#volume.value)), { signal })
    host.addEventListener('keydown', (event) => this.#onKey(event), { signal })
    for (const name of ['pointermove', 'pointerdown', 'focusin'] as const) {
      host.addEventListener(name, () => this.#awake(), { signal })
    }
    const onDoubleClick = (event: MouseEvent): void => {
      if (!event.composedPath().includes(this.#bar)) this.emit('fullscreen')
    }
    host.addEventListener('dblclick', onDoubleClick, { signal })
    this.#awake()
  }

  #awake(): void {
    this.#bar.classList.remove('resting')
    this.#cancelRest?.()
    this.#cancelRest = this.#clock.after(REST_AFTER_MS, () => this.#bar.classList.add('resting'))
  }

  /** The keys that video players have in common. Buttons keep Space and Enter, the slider its arrows. */
  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.#facts) return
    this.#awake()
    const [target] = event.composedPath()
    const onSlider = target instanceof HTMLInputElement
    switch (event.key) {
      case 'm':
        this.#toggleMute()
        break
      case 'f':
        this.emit('fullscreen')
        break
      case 'ArrowUp':
      case 'ArrowDown':
        if (onSlider) return
        this.#setVolume(this.#facts.volume + (event.key === 'ArrowUp' ? VOLUME_STEP : -VOLUME_STEP))
        break
      default:
        return
    }
    event.preventDefault()
  }

  #toggleMute(): void {
    this.emit('muted', !(this.#facts?.isMuted || this.#facts?.isSilenced))
  }

  #setVolume(volume: number): void {
    this.emit('volume', Math.min(1, Math.max(0, volume)))
    if (volume > 0 && (this.#facts?.isMuted || this.#facts?.isSilenced)) this.emit('muted', false)
  }
}

function label(button: HTMLButtonElement, name: Icon, words: string): void {
  if (button.getAttribute('aria-label') === words) return
  button.setAttribute('aria-label', words)
  button.title = words
  button.replaceChildren(icon(name))
}
