/** In charge of the custom element `<nearcast-player>`: attributes in, the viewer's session, stage and controls inside. */
import type { NearcastError } from '../../shared/errors.ts'
import type { BroadcastView, PlayerTransport } from '../../shared/signaling.ts'
import type { Controls } from './Controls.ts'
import { isFullscreen, mayGoFullscreen, toggleFullscreen } from './fullscreen.ts'
import { HlsPlayer } from './HlsPlayer.ts'
import css from './player.css?inline'
import { leaveSeat, type PlayerSource, parseSource, seatStorage, takeSeat } from './playerSource.ts'
import type { PlayerState } from './playerState.ts'
import { viewOf } from './playerView.ts'
import type { Prefer } from './policyState.ts'
import { PictureSize } from './quality/PictureSize.ts'
import { parseQuality, type Quality, type Size } from './quality/quality.ts'
import { Wish } from './quality/Wish.ts'
import { Stage } from './Stage.ts'
import { Surface } from './Surface.ts'
import { seatWishes } from './seatWishes.ts'
import { type TransportChange, TransportHistory } from './TransportHistory.ts'
import { Watching } from './Watching.ts'
import { WatchSession } from './WatchSession.ts'

/** What exists only while the element plays. */
interface Running {
  readonly source: PlayerSource
  readonly session: WatchSession
  readonly watching: Watching
}

/**
 * Attributes: `src` (address of a watch page), `autoplay`, `muted`, `prefer`, `quality`, `ice="relay"`, `lang`;
 * reflected: `state`, `transport`. Events: `statechange`, `transportchange`, `broadcastchange`; none of them bubbles.
 */
export class NearcastPlayer extends HTMLElement {
  static readonly observedAttributes = ['src', 'prefer', 'quality', 'muted', 'autoplay', 'lang']
  readonly #history = new TransportHistory()
  readonly #wish = new Wish()
  #stage: Stage | null = null
  #surface: Surface | null = null
  #size: PictureSize | null = null
  #running: Running | null = null
  #refusal: NearcastError | null = null
  #asked = false
  #labelled = ''
  #state: PlayerState = 'idle'

  constructor() {
    super()
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(css)
    this.attachShadow({ mode: 'open' }).adoptedStyleSheets = [sheet]
  }

  get state(): PlayerState {
    return this.#state
  }

  get transport(): PlayerTransport | null {
    return this.#running?.watching.transport ?? null
  }

  /** Seconds the picture is behind its capture, or null while that is not known. */
  get latency(): number | null {
    return this.#running?.watching.latency ?? null
  }

  /** The changes of transport so far, oldest first, the last hundred of them. */
  get transportHistory(): readonly TransportChange[] {
    return this.#history.all
  }

  /** The element that shows the picture now; another one after each change of transport. */
  get video(): HTMLVideoElement | null {
    return this.#stage?.shown ?? null
  }

  /** What the server says about the broadcast; null before it was heard. */
  get broadcast(): BroadcastView | null {
    return this.#running?.session.view ?? null
  }

  /** Why the server refuses this viewer, or null. */
  get error(): NearcastError | null {
    return this.#refusal
  }

  get prefer(): Prefer {
    const value = this.getAttribute('prefer')
    return value === 'realtime' || value === 'smooth' ? value : 'auto'
  }

  set prefer(prefer: Prefer) {
    this.setAttribute('prefer', prefer)
  }

  /** `auto`, `saver`, or the most lines that the picture is to have; by whatever transport it comes. */
  get quality(): Quality {
    return parseQuality(this.getAttribute('quality'))
  }

  set quality(quality: Quality) {
    this.setAttribute('quality', `${quality}`)
  }

  /** Begins to play, as a press of the play button does. */
  play(): void {
    this.#asked = true
    const watching = this.#running?.watching
    if (watching?.canWatchAgain) watching.watchAgain()
    else if (this.#running) this.#stage?.resume()
    else this.#start()
    this.#render()
  }

  /** From the live picture to half a minute ago, where the server keeps that. */
  goBack(): void {
    this.#running?.watching.goBack()
  }

  /** Back to the live picture. */
  goLive(): void {
    this.#running?.watching.goLive()
  }

  connectedCallback(): void {
    const { shadowRoot } = this
    if (!shadowRoot) return
    this.setAttribute('role', 'region')
    const stage = Stage.create({ muted: this.hasAttribute('muted') })
    this.#stage = stage
    shadowRoot.replaceChildren(stage.root)
    stage.on('change', () => this.#render())
    this.#surface = Surface.create({
      host: this,
      stage: stage.root,
      onReady: (controls, t) => {
        this.#label(t('player'))
        this.#wire(controls, stage)
        this.#render()
      },
    })
    this.#wish.quality = this.quality
    const onSize = (box: Size): void => {
      this.#wish.box = box
    }
    this.#size = PictureSize.create({ host: this, onChange: onSize })
    document.addEventListener('fullscreenchange', this.#render)
    addEventListener('pagehide', this.#leave)
    this.#asked = this.hasAttribute('autoplay')
    if (this.#asked) this.#start()
    this.#render()
  }

  disconnectedCallback(): void {
    document.removeEventListener('fullscreenchange', this.#render)
    removeEventListener('pagehide', this.#leave)
    this.#stop()
    this.#size?.close()
    this.#surface?.close()
    this.#stage?.close()
    this.#surface = null
    this.#stage = null
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || !this.#stage) return
    if (name === 'lang') this.#surface?.follow()
    else if (name === 'muted') this.#stage.setMuted(after !== null)
    else if (name === 'prefer' && this.#running) {
      this.#running.session.want(seatWishes(this.prefer))
      this.#running.watching.prefer = this.prefer
    } else if (name === 'quality') this.#wish.quality = this.quality
    // Taken away again, it stops nothing: that is what it means for a video element, too.
    else if (name === 'autoplay' && after !== null && !this.#asked) this.play()
    else if (name === 'src') {
      this.#stop()
      if (this.#asked) this.#start()
      this.#render()
    }
  }

  /** Unless the page gave it a label of its own. */
  #label(words: string): void {
    const given = this.getAttribute('aria-label')
    if (given === null || given === this.#labelled) this.setAttribute('aria-label', words)
    this.#labelled = words
  }

  #wire(controls: Controls, stage: Stage): void {
    controls.on('play', () => this.play())
    controls.on('muted', (muted) => {
      // First the sound, within the click; the attribute may be as it was (sound wanted, but not allowed so far).
      stage.setMuted(muted)
      this.toggleAttribute('muted', muted)
    })
    controls.on('volume', (volume) => stage.setVolume(volume))
    controls.time.on('back', () => this.goBack())
    controls.time.on('live', () => this.goLive())
    controls.time.on('seek', (position) => this.#running?.watching.seek(position))
    controls.time.on('pause', () => this.#running?.watching.togglePause())
    controls.on('fullscreen', () => toggleFullscreen(this, stage.shown))
  }

  #start(): void {
    const source = parseSource(this.getAttribute('src') ?? '', document.baseURI)
    const stage = this.#stage
    if (!source || !stage) return
    if (this.prefer === 'smooth') HlsPlayer.preload()
    const wants = seatWishes(this.prefer)
    const session = WatchSession.create({ ...source, wants, seat: takeSeat(source, seatStorage()) })
    const relayOnly = source.relayOnly || this.getAttribute('ice') === 'relay'
    const watching = Watching.create({ session, stage, wish: this.#wish, prefer: this.prefer, relayOnly })
    this.#running = { source, session, watching }
    watching.on('change', this.#render)
    watching.on('transport', (transport, gap) => this.#onTransport(transport, gap))
    session.on('change', () => {
      this.#render()
      this.dispatchEvent(new Event('broadcastchange'))
    })
    session.on('refused', (error) => this.#refuse(error))
  }

  #stop(): void {
    const running = this.#running
    this.#running = null
    this.#refusal = null
    if (!running) return
    running.watching.close()
    running.session.close()
    this.#stage?.clear()
    this.#onTransport(null, null)
  }

  #refuse(error: NearcastError): void {
    this.#stop()
    this.#refusal = error
    this.#render()
    this.dispatchEvent(new Event('broadcastchange'))
  }

  readonly #leave = (): void => {
    if (this.#running) leaveSeat(this.#running.source, this.#running.session.seat, seatStorage())
  }

  #onTransport(transport: PlayerTransport | null, gap: number | null): void {
    if (!this.#history.add({ transport, at: this.#running?.session.clock.now() ?? Date.now(), gap })) return
    if (transport === null) this.removeAttribute('transport')
    else this.setAttribute('transport', transport)
    this.dispatchEvent(new CustomEvent('transportchange', { detail: { transport, gap } }))
  }

  /** Brings attributes, words and controls up to what is. */
  readonly #render = (): void => {
    const stage = this.#stage
    if (!stage) return
    const { appearance, face, controls } = viewOf({
      asked: this.#asked,
      hasSource: this.#running !== null || parseSource(this.getAttribute('src') ?? '', document.baseURI) !== null,
      refusal: this.#refusal,
      broadcast: this.broadcast,
      watching: this.#running?.watching ?? null,
      stage,
      isFullscreen: isFullscreen(this),
      canFullscreen: mayGoFullscreen(this, stage.shown),
    })
    this.#surface?.update({ face, controls })
    this.#setState(appearance.state)
  }

  #setState(state: PlayerState): void {
    if (state === this.#state && this.getAttribute('state') === state) return
    this.#state = state
    this.setAttribute('state', state)
    this.dispatchEvent(new CustomEvent('statechange', { detail: { state } }))
  }
}

/** Makes the element known to the page; harmless when it is already. */
export function defineNearcastPlayer(): void {
  if (!customElements.get('nearcast-player')) customElements.define('nearcast-player', NearcastPlayer)
}

declare global {
  interface HTMLElementTagNameMap {
    'nearcast-player': NearcastPlayer
  }
}
