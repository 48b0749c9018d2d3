/** In charge of the custom element `<nearcast-player>`: attributes in, the viewer's session, stage and controls inside. */
import type { NearcastError } from '../../shared/errors.ts'
import type { BroadcastView, PlayerTransport } from '../../shared/signaling.ts'
import { AttributedElement } from './AttributedElement.ts'
import { Extras } from './Extras.ts'
import type { Statistics } from './extras/statistics.ts'
import { loadHttpPlayers } from './httpSupport.ts'
import { keptLoudness, savesData } from './kept.ts'
import { Poster } from './Poster.ts'
import css from './player.css?inline'
import type { PlayerState } from './playerState.ts'
import { viewOf } from './playerView.ts'
import { PictureSize } from './quality/PictureSize.ts'
import type { Size } from './quality/quality.ts'
import { Wish } from './quality/Wish.ts'
import { Stage } from './Stage.ts'
import { Surface } from './Surface.ts'
import { steer } from './steering.ts'
import { type TransportChange, TransportHistory } from './TransportHistory.ts'
import { Visit } from './Visit.ts'
import { screenLocks, WakeLock } from './WakeLock.ts'
import { whereShown } from './whereShown.ts'

/** Events of the picture that change what the controls say. */
const REDRAWING = ['enterpictureinpicture', 'leavepictureinpicture'] as const

/**
 * Attributes: `src` (address of a watch page), `autoplay`, `muted`, `prefer`, `sync`, `quality`, `ice="relay"`, `lang`;
 * reflected: `state`, `transport`. Events: `statechange`, `transportchange`, `broadcastchange`; none of them bubbles.
 */
export class NearcastPlayer extends AttributedElement {
  readonly #history = new TransportHistory()
  readonly #wish = new Wish()
  readonly #poster = new Poster()
  #stage: Stage | null = null
  #surface: Surface | null = null
  #extras: Extras | null = null
  /** What is closed with the element. */
  #companions: { close(): void }[] = []
  #wakeLock: WakeLock | null = null
  #visit: Visit | null = null
  #refusal: NearcastError | null = null
  #asked = false
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
    return this.#visit?.watching.transport ?? null
  }

  /** Seconds the picture is behind its capture, or null while that is not known. */
  get latency(): number | null {
    return this.#visit?.watching.latency ?? null
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
    return this.#visit?.session.view ?? null
  }

  /** The way of the broadcast's chat; null while nothing is connected. */
  get chat(): Visit['session']['chat'] | null {
    return this.#visit?.session.chat ?? null
  }

  /** Why the server refuses this viewer, or null. */
  get error(): NearcastError | null {
    return this.#refusal
  }

  /** Qualities that can be chosen from by the present transport, lowest first; none where that is not known. */
  get ladder(): readonly Size[] {
    return this.#visit?.watching.player?.ladder ?? []
  }

  /** What can be told in numbers now; null while nothing is played. */
  async statistics(): Promise<Statistics | null> {
    const figures = (await this.#visit?.watching.player?.figures()) ?? null
    const { transport, latency, video } = this
    const { videoWidth: width, videoHeight: height } = video ?? { videoWidth: 0, videoHeight: 0 }
    const { switches } = this.#history
    return figures && { ...figures, at: performance.now(), transport, width, height, latency, switches }
  }

  /** Begins to play, as a press of the play button does. */
  play(): void {
    this.#asked = true
    const watching = this.#visit?.watching
    if (watching?.canWatchAgain) watching.watchAgain()
    else if (this.#visit) this.#stage?.resume()
    else this.#start()
    this.#render()
  }

  /** Stops the picture. `play()` goes on: where it was in what is past, with what is live then. */
  pause(): void {
    this.#stage?.shown?.pause()
  }

  togglePlay(): void {
    const watching = this.#visit?.watching
    if (watching?.past && !watching.canWatchAgain) watching.togglePause()
    else if (this.#state === 'playing') this.pause()
    else this.play()
  }

  /** Seconds forward, or back when negative: also from the live picture to the past of it, and back to live at its end. */
  seekBy(seconds: number): void {
    this.#visit?.watching.seekBy(seconds)
  }

  /** To a position in what is past, in seconds from its beginning. */
  seek(position: number): void {
    this.#visit?.watching.seek(position)
  }

  /** From the live picture to so many seconds ago, where the server keeps that. */
  goBack(seconds = 30): void {
    this.#visit?.watching.goBack(seconds)
  }

  /** Back to the live picture. */
  goLive(): void {
    this.#visit?.watching.goLive()
  }

  connectedCallback(): void {
    const { shadowRoot } = this
    if (!shadowRoot) return
    const kept = keptLoudness()
    if (kept?.muted) this.toggleAttribute('muted', true)
    if (!this.hasAttribute('quality') && savesData()) this.quality = 'saver'
    const stage = Stage.create({ muted: this.hasAttribute('muted') })
    if (kept) stage.setVolume(kept.volume)
    this.#stage = stage
    // So that a press on the picture brings the keys here.
    stage.root.tabIndex = -1
    shadowRoot.replaceChildren(this.#poster.root, stage.root)
    stage.on('change', this.#render)
    this.#surface = Surface.create({
      host: this,
      stage: stage.root,
      onReady: (controls, t) => {
        this.label(t('player'))
        this.#extras?.close()
        this.#extras = new Extras(this, t.language)
        steer(controls, { player: this, stage, extras: this.#extras })
        this.#render()
      },
    })
    this.#wish.quality = this.quality
    const onSize = (box: Size): void => {
      this.#wish.box = box
    }
    this.#wakeLock = new WakeLock(screenLocks())
    this.#companions = [this.#surface, this.#wakeLock, PictureSize.create({ host: this, onChange: onSize })]
    for (const name of REDRAWING) shadowRoot.addEventListener(name, this.#render)
    document.addEventListener('fullscreenchange', this.#render)
    addEventListener('pagehide', this.#leave)
    this.#asked = this.hasAttribute('autoplay')
    this.#begin()
  }

  disconnectedCallback(): void {
    document.removeEventListener('fullscreenchange', this.#render)
    removeEventListener('pagehide', this.#leave)
    this.#stop()
    this.#extras?.close()
    for (const companion of this.#companions) companion.close()
    this.#stage?.close()
    this.#surface = null
    this.#stage = null
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || !this.#stage) return
    if (name === 'lang') this.#surface?.follow()
    else if (name === 'muted') this.#stage.setMuted(after !== null)
    else if (name === 'prefer' && this.#visit) this.#visit.prefer = this.prefer
    else if (name === 'sync' && this.#visit) this.#visit.watching.sync = this.sync
    else if (name === 'quality') this.#wish.quality = this.quality
    // Taken away again, it stops nothing: that is what it means for a video element, too.
    else if (name === 'autoplay' && after !== null && !this.#asked) this.play()
    else if (name === 'src') {
      this.#stop()
      this.#begin()
    }
  }

  /** What `src` names is there to be played, or is played if that was asked for. */
  #begin(): void {
    this.#poster.begin(this.source, this.#asked)
    if (this.#asked) this.#start()
    this.#render()
  }

  #start(): void {
    const source = this.source
    const stage = this.#stage
    if (!source || !stage) return
    if (this.prefer === 'smooth') void loadHttpPlayers().then(({ preloadHls }) => preloadHls())
    const relayOnly = this.getAttribute('ice') === 'relay'
    const visit = Visit.create({ source, stage, wish: this.#wish, prefer: this.prefer, relayOnly })
    visit.watching.sync = this.sync
    this.#visit = visit
    visit.watching.on('change', this.#render)
    visit.watching.on('transport', (transport, gap) => this.#onTransport(transport, gap))
    visit.session.on('change', () => {
      this.#render()
      this.dispatchEvent(new Event('broadcastchange'))
    })
    visit.session.on('refused', (error) => this.#refuse(error))
    visit.on('second', this.#render)
  }

  #stop(): void {
    const visit = this.#visit
    this.#visit = null
    this.#refusal = null
    if (!visit) return
    visit.close()
    this.#stage?.clear()
    this.#onTransport(null, null)
  }

  #refuse(error: NearcastError): void {
    // While the picture is still there.
    this.dispatchEvent(new CustomEvent('refused', { detail: error }))
    this.#stop()
    this.#refusal = error
    this.#render()
    this.dispatchEvent(new Event('broadcastchange'))
  }

  readonly #leave = (): void => {
    this.#visit?.leaveSeat()
  }

  #onTransport(transport: PlayerTransport | null, gap: number | null): void {
    if (!this.#history.add({ transport, at: this.#visit?.session.clock.now() ?? Date.now(), gap })) return
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
      hasSource: this.#visit !== null || this.source !== null,
      refusal: this.#refusal,
      broadcast: this.broadcast,
      watching: this.#visit?.watching ?? null,
      stage,
      ...whereShown(this, stage.shown),
    })
    this.#surface?.update({ face, controls })
    this.#poster.update(stage.shown !== null)
    if (this.#wakeLock) this.#wakeLock.isWanted = appearance.state === 'playing'
    this.#setState(appearance.state)
  }

  #setState(state: PlayerState): void {
    if (state === this.#state && this.getAttribute('state') === state) return
    this.#state = state
    this.setAttribute('state', state)
    this.dispatchEvent(new CustomEvent('statechange', { detail: { state } }))
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nearcast-player': NearcastPlayer
  }
}
