/** In charge of which rung the server is asked to push, where it cannot know itself what the line carries. */
import type { Rung } from '../../../shared/signaling.ts'
import { Emitter } from '../../lib/Emitter.ts'
import type { WatchSession } from '../WatchSession.ts'
import { highestWanted } from './quality.ts'
import type { Wish } from './Wish.ts'

export interface RungChoiceOptions {
  readonly session: Pick<WatchSession, 'view' | 'on'>
  readonly wish: Wish
}

export type RungChoiceEvents = {
  /** `rendition` is another one. */
  change: []
}

export class RungChoice extends Emitter<RungChoiceEvents> {
  readonly #options: RungChoiceOptions
  readonly #forget: (() => void)[]
  #rendition: string | null

  constructor(options: RungChoiceOptions) {
    super()
    const { session, wish } = options
    this.#options = options
    this.#rendition = this.#choose()
    this.#forget = [wish.on('change', () => this.#follow()), session.on('change', () => this.#follow())]
  }

  /** Lowest first. */
  get rungs(): readonly Rung[] {
    return this.#options.session.view?.rungs ?? []
  }

  /** Null for the best there is. */
  get rendition(): string | null {
    return this.#rendition
  }

  close(): void {
    this.removeAllListeners()
    for (const step of this.#forget) step()
  }

  #choose(): string | null {
    const { rungs } = this
    const highest = highestWanted(rungs, this.#options.wish)
    return highest === rungs.length - 1 ? null : (rungs[highest]?.id ?? null)
  }

  #follow(): void {
    // While nothing is sent there is nothing to choose from, and what was chosen is what there will be again.
    if (this.rungs.length === 0) return
    const rendition = this.#choose()
    if (rendition === this.#rendition) return
    this.#rendition = rendition
    this.emit('change')
  }
}
