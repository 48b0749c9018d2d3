/** In charge of the list of keys that the player knows. */
import { make } from '../dom.ts'
import type { Extra, ExtraContext } from '../Extras.ts'
import { type ExtraWords, extraWords } from './extraWords.ts'
import { Sheet } from './Sheet.ts'

export class KeyList implements Extra {
  readonly #sheet: Sheet

  static async create({ player, language }: ExtraContext): Promise<KeyList> {
    const t = await extraWords(language)
    const sheet = new Sheet({ host: player, name: 'help', title: t('keys'), close: t('close') })
    sheet.body.append(list(t))
    return new KeyList(sheet)
  }

  private constructor(sheet: Sheet) {
    this.#sheet = sheet
  }

  toggle(): void {
    if (this.#sheet.isOpen) this.#sheet.close()
    else this.#sheet.open()
  }

  close(): void {
    this.#sheet.remove()
  }
}

/** The commands of `keys.ts`, in the order in which people look for them. */
function list(t: ExtraWords): HTMLElement {
  const rows: readonly (readonly [keys: readonly string[], words: string])[] = [
    [[t('keySpace'), 'K'], t('keyPlay')],
    [['M'], t('keyMute')],
    [['↑', '↓'], t('keyVolume')],
    [['←', 'J'], t('keyBack')],
    [['→', 'L'], t('keyForward')],
    [['End'], t('keyLive')],
    [['F'], t('keyFullscreen')],
    [['P'], t('keyFloat')],
    [['S'], t('keySettings')],
    [['I'], t('keyStatistics')],
    [['?'], t('keyHelp')],
  ]
  const cells = rows.flatMap(([keys, words]) => [
    make(
      'dt',
      {},
      keys.map((key) => make('kbd', {}, [key])),
    ),
    make('dd', {}, [words]),
  ])
  return make('dl', { class: 'keys' }, cells)
}
