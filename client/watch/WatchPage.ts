/** In charge of what stands around the player on the watch page: title, state, who is watching, how it comes, the link. */
import type { BroadcastState } from '../../shared/broadcast.ts'
import type { watch as words } from '../i18n/en/watch.ts'
import { pageLanguage } from '../i18n/PageLanguage.ts'
import { make } from '../player/dom.ts'
import type { NearcastPlayer } from '../player/NearcastPlayer.ts'
import { parseSource } from '../player/playerSource.ts'
import { loadWords, t } from './words.ts'

const stateWords = {
  idle: 'stateIdle',
  live: 'stateLive',
  interrupted: 'stateInterrupted',
  ended: 'stateEnded',
} as const satisfies Record<BroadcastState, keyof typeof words>

/** How long the button says that the link was copied, in milliseconds. */
const COPIED_FOR_MS = 2_500

export class WatchPage {
  readonly #root: HTMLElement
  readonly #player: NearcastPlayer
  readonly #title = make('h1')
  readonly #state = make('span', { class: 'badge', id: 'broadcast-state' })
  readonly #viewers = make('span', { class: 'muted numbers', id: 'viewers' })
  readonly #delivery = make('span', { class: 'badge', id: 'delivery' })
  readonly #share = make('button', { class: 'button', id: 'share', type: 'button' })
  /** Words around the picture come a moment after it begins to load. */
  readonly #about = make('div', { class: 'about' })

  #hasWords = false
  #isUnknown = false
  /** What the button says. */
  #shareWord: 'share' | 'copied' | 'copyFailed' = 'share'

  /** Fills the page; it follows the player from then on. */
  static create(root: HTMLElement, player: NearcastPlayer): WatchPage {
    const page = new WatchPage(root, player)
    page.#wire()
    void page.#speak()
    return page
  }

  private constructor(root: HTMLElement, player: NearcastPlayer) {
    this.#root = root
    this.#player = player
    const facts = make('div', { class: 'facts' }, [this.#state, this.#delivery, this.#viewers])
    this.#about.append(make('div', {}, [this.#title, facts]), this.#share)
    this.#about.classList.add('wordless')
    root.replaceChildren(player, this.#about)
  }

  #wire(): void {
    this.#player.addEventListener('broadcastchange', () => this.#render())
    this.#player.addEventListener('transportchange', () => this.#render())
    pageLanguage.on('change', () => this.#render())
    this.#share.addEventListener('click', () => void this.#copyLink())
  }

  async #speak(): Promise<void> {
    await loadWords()
    this.#about.classList.remove('wordless')
    this.#hasWords = true
    this.#render()
  }

  #render(): void {
    if (!this.#hasWords) return
    const code = this.#player.error?.code
    const isAddress = parseSource(this.#player.getAttribute('src') ?? '', document.baseURI) !== null
    this.#isUnknown ||= code === 'broadcast-not-found' || code === 'not-found' || !isAddress
    if (this.#isUnknown) {
      this.#showUnknown()
      return
    }
    const { broadcast, transport } = this.#player
    this.#share.textContent = t(this.#shareWord)
    this.#title.textContent = broadcast ? broadcast.title || t('untitled') : ''
    document.title = broadcast ? t('pageTitle', { title: broadcast.title || t('untitled') }) : 'Nearcast'
    this.#state.textContent = broadcast ? t(stateWords[broadcast.state]) : ''
    this.#state.hidden = broadcast === null
    this.#state.classList.toggle('badge-live', broadcast?.state === 'live')
    // Nobody watches what is over: the pages still open are no audience.
    const isOver = broadcast?.state === 'ended'
    this.#viewers.textContent = broadcast && !isOver ? t('watching', { count: broadcast.viewers.total }) : ''
    const isRealTime = transport === 'webrtc'
    const isRecording = isOver && broadcast?.recording === 'kept'
    this.#delivery.hidden = transport === null
    this.#delivery.textContent = t(isRecording ? 'recorded' : isRealTime ? 'realtime' : 'smooth')
    this.#delivery.title = t(isRecording ? 'recordedHint' : isRealTime ? 'realtimeHint' : 'smoothHint')
  }

  /** The words of a 404: the server sent the page with whatever status it knew. */
  #showUnknown(): void {
    document.title = t('pageTitle', { title: t('unknownHeading') })
    const home = make('a', { class: 'button button-primary', href: '/' }, [t('home')])
    this.#root.replaceChildren(
      make('div', { class: 'card card-alone stack', id: 'unknown' }, [
        make('h1', {}, [t('unknownHeading')]),
        make('p', {}, [t('unknownText')]),
        make('p', {}, [home]),
      ]),
    )
  }

  /** There is no clipboard on pages that are no secure context: then the address bar has the link. */
  async #copyLink(): Promise<void> {
    const url = location.origin + location.pathname
    const copied = await (navigator.clipboard?.writeText(url) ?? Promise.reject()).then(
      () => true,
      () => false,
    )
    this.#shareWord = copied ? 'copied' : 'copyFailed'
    this.#render()
    const forget = (): void => {
      this.#shareWord = 'share'
      this.#render()
    }
    setTimeout(forget, COPIED_FOR_MS)
  }
}
