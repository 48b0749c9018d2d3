/** In charge of the bar under the picture and the two large buttons on it: sound, volume, live or not, and what opens. */
import type { player } from '../i18n/en/player.ts'
import type { Translate } from '../i18n/translate.ts'
import { type CancelTimer, type Clock, systemClock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import { type Icon, icon, make } from './dom.ts'
import { type Command, commandOf, keyPress } from './keys.ts'
import { LiveBadge } from './LiveBadge.ts'
import { TimeControls, type TimeFacts } from './TimeControls.ts'

export interface ControlsFacts {
  readonly isLive: boolean
  readonly isMuted: boolean
  /** Sound is wanted but the browser waits for a touch. */
  readonly isSilenced: boolean
  readonly volume: number
  readonly isFullscreen: boolean
  readonly canFullscreen: boolean
  /** In a window of its own. */
  readonly isFloating: boolean
  readonly canFloat: boolean
  /** Whether a press is needed before anything plays. */
  readonly needsPlay: boolean
  /** What would be played is over, and words about that are on the picture. */
  readonly isOver: boolean
  /** The broadcaster's microphone is off. */
  readonly isMicrophoneOff: boolean
  /** Seconds behind capture; null while that is not known. */
  readonly latency: number | null
  /** Null before anything plays. */
  readonly time: TimeFacts | null
}

export type ControlsEvents = {
  play: []
  /** Wanted from now on. */
  muted: [muted: boolean]
  /** From 0 to 1. */
  volume: [volume: number]
  /** By a button or a key. */
  command: [command: Exclude<Command, 'mute' | { readonly louder: number }>]
}

/** The bar rests when nobody has moved for so many milliseconds. */
const REST_AFTER_MS = 3_000

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
  readonly #live: LiveBadge
  readonly #silent = make('span', { class: 'silent' })
  readonly #settings = make('button', { part: 'settings', type: 'button', 'aria-haspopup': 'dialog' })
  readonly #float = make('button', { class: 'float', part: 'picture-in-picture', type: 'button' })
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
    this.#live = new LiveBadge(t)
    this.#clock = clock
    this.root = document.createDocumentFragment()
    this.#bar.setAttribute('aria-label', t('controls'))
    this.#volume.setAttribute('aria-label', t('volume'))
    this.#silent.textContent = t('microphoneOff')
    this.#play.append(icon('play'), this.#playWord)
    this.#sound.append(icon('silence'), t('soundOn'))
    label(this.#settings, 'settings', t('settings'))
    const left = [this.#mute, this.#volume, this.#live.root, ...this.time.elements, this.#silent]
    this.#bar.append(...left, make('span', { class: 'space' }), this.#settings, this.#float, this.#fullscreen)
    this.root.append(this.#play, this.#sound, this.#bar)
  }

  /** Shows what is; touches the document only where something differs. */
  update(facts: ControlsFacts): void {
    this.#facts = facts
    this.#play.hidden = !facts.needsPlay
    this.#play.classList.toggle('below', facts.isOver)
    this.#playWord.data = this.#t(facts.isOver ? 'watchAgain' : 'play')
    this.#sound.hidden = !facts.isSilenced || facts.needsPlay
    this.#live.update(facts.isLive, facts.latency)
    this.time.update(facts.time ?? { canGoBack: false, time: null, isPaused: false, canGoLive: false })
    this.#silent.hidden = !facts.isMicrophoneOff
    this.#fullscreen.hidden = !facts.canFullscreen
    this.#float.hidden = !facts.canFloat
    const silent = facts.isMuted || facts.isSilenced
    label(this.#mute, silent ? 'silence' : 'sound', this.#t(silent ? 'unmute' : 'mute'))
    label(this.#float, 'float', this.#t(facts.isFloating ? 'land' : 'float'))
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
    for (const [button, command] of [
      [this.#settings, 'settings'],
      [this.#float, 'float'],
      [this.#fullscreen, 'fullscreen'],
    ] as const) {
      button.addEventListener('click', () => this.emit('command', command), { signal })
    }
    this.#mute.addEventListener('click', () => this.#toggleMute(), { signal })
    this.#volume.addEventListener('input', () => this.#setVolume(Number(this.#volume.value)), { signal })
    host.addEventListener('keydown', (event) => this.#onKey(event), { signal })
    for (const name of ['pointermove', 'pointerdown', 'focusin'] as const) {
      host.addEventListener(name, () => this.#awake(), { signal })
    }
    const onDoubleClick = (event: MouseEvent): void => {
      if (!event.composedPath().includes(this.#bar)) this.emit('command', 'fullscreen')
    }
    host.addEventListener('dblclick', onDoubleClick, { signal })
    this.#awake()
  }

  #awake(): void {
    this.#bar.classList.remove('resting')
    this.#cancelRest?.()
    this.#cancelRest = this.#clock.after(REST_AFTER_MS, () => this.#bar.classList.add('resting'))
  }

  #onKey(event: KeyboardEvent): void {
    const command = commandOf(keyPress(event))
    if (command === null || !this.#facts) return
    this.#awake()
    event.preventDefault()
    if (command === 'mute') this.#toggleMute()
    else if (typeof command === 'object' && 'louder' in command) this.#setVolume(this.#facts.volume + command.louder)
    else this.emit('command', command)
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
