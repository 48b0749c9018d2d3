/** In charge of which simulcast layer of one consumer the server sends at most. */
import type { ConsumerOptions } from '../../../shared/signaling.ts'
import { ignoreLostConnection, type WatchSession } from '../WatchSession.ts'
import { highestWanted, layerSizes, type Size } from './quality.ts'
import { type Look, Retreat } from './Retreat.ts'
import type { Wish } from './Wish.ts'

export interface LayerChoiceOptions {
  readonly session: Pick<WatchSession, 'view' | 'on' | 'request'>
  readonly wish: Wish
  readonly consumer: Pick<ConsumerOptions, 'id' | 'rtpParameters'>
}

export class LayerChoice {
  readonly #options: LayerChoiceOptions
  readonly #count: number
  readonly #forget: (() => void)[]
  readonly #retreat = new Retreat()
  /** What the server was asked for last; it begins with the top. */
  #asked: number

  /** Asks at once if less than the top is wanted. */
  constructor(options: LayerChoiceOptions) {
    const { session, wish, consumer } = options
    this.#options = options
    this.#count = layerCount(consumer.rtpParameters)
    this.#asked = this.#count - 1
    this.#forget = [wish.on('change', () => this.#choose()), session.on('change', () => this.#choose())]
    this.#choose()
  }

  /** Sizes of the layers, lowest first; those that are not known yet are guessed. */
  get sizes(): readonly Size[] {
    const { view } = this.#options.session
    const rungs = view?.rungs ?? []
    // What was transcoded is something else than the layers, but its largest has the size of the top one.
    const highest = rungs.at(-1)
    const known = view?.converted
      ? highest && ([[this.#count - 1, highest]] as const)
      : rungs.map((rung) => [Number(rung.id.slice(1)), rung] as const)
    return layerSizes({ count: this.#count, known: new Map(known) })
  }

  /** What was lost lately: where that is most of it, the lowest layer has to do at once. */
  note(look: Look): void {
    this.#retreat.note(look)
    this.#choose()
  }

  close(): void {
    for (const step of this.#forget) step()
  }

  #choose(): void {
    const { session, wish, consumer } = this.#options
    if (this.#count < 2) return
    const layer = this.#retreat.isBack ? 0 : highestWanted(this.sizes, wish)
    if (layer === this.#asked) return
    this.#asked = layer
    session.request('watch:consumer:layer', { consumerId: consumer.id, layer }).catch(ignoreLostConnection)
  }
}

/** mediasoup names the layers of a simulcast consumer as if they were spatial ones of a single stream: `L3T1`. */
function layerCount({ encodings }: LayerChoiceOptions['consumer']['rtpParameters']): number {
  return Number(/^[LS](\d)/.exec(encodings?.[0]?.scalabilityMode ?? '')?.[1] ?? 1)
}
