/**
 * In charge of a page with a player that is left open over an update of the server: it says so, is loaded again when that
 * takes nothing from the person, and shows the last picture until the new page has one of its own.
 */
import './renewal.css'
import type { NearcastError } from '../../../shared/errors.ts'
import { type CancelTimer, systemClock } from '../../lib/clock.ts'
import { pageBuild } from '../../lib/pageBuild.ts'
import { make } from '../../player/dom.ts'
import type { NearcastPlayer } from '../../player/NearcastPlayer.ts'
import { Cover } from './Cover.ts'
import { type Carried, carry, copyPicture, lastRenewal, takeCarried } from './carried.ts'
import { decideRenewal, type RenewalDecision } from './renewalPolicy.ts'
import { loadWords, t } from './words.ts'

/** Milliseconds between two looks whether the page may be loaded again without disturbing. */
const LOOK_MS = 1_000
/** Milliseconds for which the new page says what it is. */
const SAY_MS = 6_000
/** Milliseconds after which the former picture would be a lie: nothing has come in its place. */
const COVER_LIMIT_MS = 10_000

export class Renewal {
  readonly #player: NearcastPlayer
  readonly #note = make('div', { class: 'renewal-note', role: 'status' })
  #decision: RenewalDecision = 'stay'
  #cancelLook: CancelTimer | null = null

  /** To be called before the player is put into the page: it begins as the one of the page before left off. */
  static create(player: NearcastPlayer): Renewal {
    const renewal = new Renewal(player)
    const carried = takeCarried(Date.now())
    if (carried) renewal.#goOn(carried)
    player.addEventListener('broadcastchange', () => renewal.#look())
    player.addEventListener('refused', (event) => renewal.#look((event as CustomEvent<NearcastError>).detail))
    // What is loaded only when it is needed is gone from the server with the build that it belongs to.
    addEventListener('vite:preloadError', () => {
      if (renewal.#decision === 'wait') renewal.#renew(player.broadcast?.build ?? null)
    })
    void loadWords()
    return renewal
  }

  private constructor(player: NearcastPlayer) {
    this.#player = player
    document.body.append(this.#note)
  }

  /** The page takes the place of another. */
  #goOn({ attributes, picture }: Carried): void {
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null) this.#player.removeAttribute(name)
      else this.#player.setAttribute(name, value)
    }
    if (picture !== null) this.#cover(picture)
    void loadWords().then(() => {
      this.#say([t('renewed')])
      systemClock.after(SAY_MS, () => {
        if (this.#decision === 'stay') this.#say([])
      })
    })
  }

  /** Until the player has a picture of its own, or says that there is none. */
  #cover(picture: string): void {
    const begin = (): void => {
      const cover = Cover.create(this.#player, make('img', { src: picture, alt: '' }))
      const end = (): void => {
        cancel()
        this.#player.removeEventListener('statechange', look)
        cover.close()
      }
      const look = (): void => {
        const { state } = this.#player
        if (state === 'playing' || state === 'ended' || state === 'error' || state === 'idle') end()
      }
      const cancel = systemClock.after(COVER_LIMIT_MS, end)
      this.#player.addEventListener('statechange', look)
    }
    // The player is not in the page yet.
    queueMicrotask(begin)
  }

  #look(error: NearcastError | null = this.#player.error): void {
    const { broadcast } = this.#player
    const decision = decideRenewal({
      pageBuild: pageBuild(),
      serverBuild: broadcast?.build ?? null,
      isRefused: error?.code === 'protocol-mismatch',
      isBusy: isBusy(this.#player),
      renewed: lastRenewal(),
      now: Date.now(),
    })
    if (decision === this.#decision) return
    this.#decision = decision
    this.#cancelLook?.()
    this.#cancelLook = null
    switch (decision) {
      case 'stay':
        this.#say([])
        break
      case 'wait':
        this.#say([t('waiting')])
        this.#cancelLook = systemClock.every(LOOK_MS, () => this.#look())
        break
      case 'renew':
        this.#renew(error ? null : (broadcast?.build ?? null))
        break
      case 'tell':
        this.#ask()
    }
  }

  #renew(build: string | null): void {
    const picture = copyPicture(this.#player)
    if (!carry(this.#player, picture, { build, at: Date.now() })) {
      this.#ask()
      return
    }
    if (picture) Cover.create(this.#player, picture)
    this.#say([t('renewing')])
    location.reload()
  }

  #ask(): void {
    const button = make('button', { type: 'button' }, [t('reload')])
    button.addEventListener('click', () => location.reload())
    this.#say([t('stuck'), button])
  }

  #say(content: readonly (Node | string)[]): void {
    this.#note.replaceChildren(...content)
  }
}

/** What a page that is loaded again would take from the person: full screen, picture-in-picture, the past, a text. */
function isBusy(player: NearcastPlayer): boolean {
  if (document.fullscreenElement || document.pictureInPictureElement) return true
  const { broadcast, transport, state, latency } = player
  const isPast = state === 'playing' && transport === 'hls' && (broadcast?.state === 'ended' || latency === null)
  return isPast || isTyping(document.activeElement)
}

function isTyping(element: Element | null): boolean {
  if (element instanceof HTMLTextAreaElement) return element.value !== ''
  return element instanceof HTMLInputElement && /^(text|search)$/.test(element.type) && element.value !== ''
}
