/** In charge of the pictures of a page: in every size, colour scheme and language, as PNG files in a folder. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { type Language, languages } from '../../shared/languages.ts'
import { speak } from '../helpers/looks.ts'

interface Look {
  readonly width: number
  readonly height: number
  readonly theme: 'light' | 'dark'
  readonly language: Language
}

const sizes = { phone: [390, 844], desktop: [1280, 800], small: [360, 640], large: [1920, 1080] } as const

const everyday: Look[] = [sizes.phone, sizes.desktop].flatMap(([width, height]) =>
  (['light', 'dark'] as const).flatMap((theme) => languages.map((language) => ({ width, height, theme, language }))),
)
/** The smallest and the largest, in one look each: what differs there is room. */
const extremes: Look[] = [
  { width: sizes.small[0], height: sizes.small[1], theme: 'light', language: 'ko' },
  { width: sizes.large[0], height: sizes.large[1], theme: 'dark', language: 'en' },
]

/** What is open while a picture is taken. */
export interface Menu {
  open(): Promise<void>
  close(): Promise<void>
}

export class Album {
  readonly #folder: string
  readonly #only: RegExp
  readonly #taken: string[] = []

  static async create(folder: string, only: RegExp): Promise<Album> {
    await mkdir(folder, { recursive: true })
    return new Album(folder, only)
  }

  private constructor(folder: string, only: RegExp) {
    this.#folder = folder
    this.#only = only
  }

  get taken(): readonly string[] {
    return this.#taken
  }

  wants(name: string): boolean {
    return this.#only.test(name)
  }

  /**
   * The whole page, however long it is. The page is left as it was last shown. `menu` is opened for each picture, which then is
   * of what is seen: nothing beside an open menu can be pressed, the choice of a language included.
   */
  async take(name: string, page: Page, menu?: Menu): Promise<void> {
    if (!this.wants(name)) return
    for (const { width, height, theme, language } of [...everyday, ...extremes]) {
      await page.setViewportSize({ width, height })
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
      await speak(page, language)
      const file = `${name}-${width}-${theme}-${language}.png`
      await menu?.open()
      await page.screenshot({ path: join(this.#folder, file), fullPage: !menu, animations: 'disabled' })
      await menu?.close()
      this.#taken.push(file)
    }
  }
}
