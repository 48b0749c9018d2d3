/** In charge of what opens beside the picture: settings, statistics, list of keys. Their code is loaded when first asked for. */
import type { Language } from '../../shared/languages.ts'
import type { NearcastPlayer } from './NearcastPlayer.ts'

export type ExtraName = 'settings' | 'statistics' | 'help'

/** What opens and closes. */
export interface Extra {
  toggle(): void
  close(): void
}

/** What an extra is made from. */
export interface ExtraContext {
  readonly player: NearcastPlayer
  readonly language: Language
  /** Opens or closes another one. */
  readonly toggle: (name: ExtraName) => void
}

const makers: Readonly<Record<ExtraName, (context: ExtraContext) => Promise<Extra>>> = {
  settings: async (context) => (await import('./extras/SettingsMenu.ts')).SettingsMenu.create(context),
  statistics: async (context) => (await import('./extras/StatisticsPanel.ts')).StatisticsPanel.create(context),
  help: async (context) => (await import('./extras/KeyList.ts')).KeyList.create(context),
}

export class Extras {
  readonly #context: ExtraContext
  readonly #made = new Map<ExtraName, Promise<Extra | null>>()
  #closed = false

  constructor(player: NearcastPlayer, language: Language) {
    this.#context = { player, language, toggle: (name) => void this.toggle(name) }
  }

  /** Where its code cannot be had, nothing happens; the next press asks again. */
  async toggle(name: ExtraName): Promise<void> {
    const making = this.#made.get(name) ?? makers[name](this.#context).catch(() => null)
    this.#made.set(name, making)
    const extra = await making
    if (extra === null) this.#made.delete(name)
    else if (this.#closed) extra.close()
    else extra.toggle()
  }

  close(): void {
    this.#closed = true
    for (const making of this.#made.values()) void making.then((extra) => extra?.close())
    this.#made.clear()
  }
}
