/** In charge of the settings of the picture: quality, data saver, way of delivery, and the way to everything else. */
import { type CancelTimer, systemClock } from '../../lib/clock.ts'
import { make } from '../dom.ts'
import type { Extra, ExtraContext } from '../Extras.ts'
import { keepSaver } from '../kept.ts'
import type { NearcastPlayer } from '../NearcastPlayer.ts'
import { isFloating, mayFloat, toggleFloating } from '../pictureInPicture.ts'
import { highestWanted, linesOf, parseQuality } from '../quality/quality.ts'
import { type ExtraWords, extraWords } from './extraWords.ts'
import { Sheet } from './Sheet.ts'

/** Events of the player after which there may be something else to choose. */
const CHANGES = ['transportchange', 'broadcastchange', 'statechange'] as const
/** Milliseconds between two looks at what has no event: the qualities of HLS, and which one is seen. */
const LOOK_MS = 500

export class SettingsMenu implements Extra {
  readonly #context: ExtraContext
  readonly #player: NearcastPlayer
  readonly #t: ExtraWords
  readonly #sheet: Sheet
  readonly #form = make('form')
  readonly #listening = new AbortController()
  /** What the form was made from. */
  #shown = ''
  #cancelLooks: CancelTimer = () => {}

  static async create(context: ExtraContext): Promise<SettingsMenu> {
    const menu = new SettingsMenu(context, await extraWords(context.language))
    menu.#wire()
    return menu
  }

  private constructor(context: ExtraContext, t: ExtraWords) {
    this.#context = context
    this.#player = context.player
    this.#t = t
    this.#sheet = new Sheet({ host: context.player, name: 'menu', title: t('settings'), close: t('close') })
    this.#sheet.body.append(this.#form)
  }

  toggle(): void {
    if (this.#sheet.isOpen) {
      this.#sheet.close()
      return
    }
    this.#shown = ''
    this.#fill()
    this.#sheet.open(this.#form.querySelector<HTMLElement>('input:checked'))
  }

  close(): void {
    this.#listening.abort()
    this.#cancelLooks()
    this.#sheet.remove()
  }

  #wire(): void {
    const { signal } = this.#listening
    this.#form.addEventListener('submit', (event) => event.preventDefault(), { signal })
    this.#form.addEventListener('change', ({ target }) => this.#take(target as HTMLInputElement), { signal })
    for (const name of CHANGES) this.#player.addEventListener(name, () => this.#follow(), { signal })
    this.#cancelLooks = systemClock.every(LOOK_MS, () => this.#follow())
  }

  #follow(): void {
    if (this.#sheet.isOpen) this.#fill()
  }

  #take({ name, value, checked }: HTMLInputElement): void {
    const player = this.#player
    if (name === 'prefer' && (value === 'realtime' || value === 'smooth' || value === 'auto')) player.prefer = value
    if (name === 'quality') player.quality = parseQuality(value)
    if (name === 'saver') player.quality = checked ? 'saver' : 'auto'
    if (name === 'sync') player.sync = checked
    if (name === 'quality' || name === 'saver') keepSaver(player.quality === 'saver')
    this.#follow()
  }

  /** Makes the form anew where it says something else; the focus stays on what it was on. */
  #fill(): void {
    const { quality, prefer, sync, ladder, video } = this.#player
    const now = linesOf({ width: video?.videoWidth ?? 0, height: video?.videoHeight ?? 0 })
    const isFloated = isFloating(this.#player.shadowRoot)
    const shown = JSON.stringify([quality, prefer, sync, ladder.map(linesOf), now, isFloated, mayFloat(video)])
    if (shown === this.#shown) return
    this.#shown = shown
    const focused = this.#player.shadowRoot?.activeElement
    const key = focused instanceof HTMLInputElement ? `[name="${focused.name}"][value="${focused.value}"]` : null
    const choices = [this.#qualities(now), this.#saver(), this.#deliveries(), this.#sync()]
    this.#form.replaceChildren(...choices, ...this.#actions(isFloated))
    if (key) this.#form.querySelector<HTMLElement>(key)?.focus()
  }

  #qualities(now: number): HTMLElement {
    const t = this.#t
    const { quality, ladder } = this.#player
    const sizes = distinct(ladder.map((size) => ({ ...size, lines: linesOf(size) })))
    const chosen = typeof quality === 'number' ? sizes[highestWanted(sizes, { quality, box: null })] : null
    const isAuto = !chosen
    const auto = isAuto && now > 0 ? t('automaticNow', { lines: `${now}` }) : t('automatic')
    const choices = group(t('quality'), [
      choice({ type: 'radio', name: 'quality', value: 'auto' }, isAuto, auto),
      ...sizes
        .reverse()
        .map((size) =>
          choice({ type: 'radio', name: 'quality', value: `${size.lines}` }, size === chosen, `${size.lines}p`),
        ),
    ])
    choices.className = 'choices'
    return choices
  }

  #saver(): HTMLElement {
    const on = this.#player.quality === 'saver'
    const attributes = { type: 'checkbox', role: 'switch', name: 'saver', value: 'on' }
    return choice(attributes, on, this.#t('saver'), this.#t('saverHint'))
  }

  #deliveries(): HTMLElement {
    const t = this.#t
    const { prefer } = this.#player
    const option = (value: string, words: string, hint: string) =>
      choice({ type: 'radio', name: 'prefer', value }, prefer === value, words, hint)
    return group(t('delivery'), [
      option('auto', t('preferAuto'), t('preferAutoHint')),
      option('realtime', t('preferRealtime'), t('preferRealtimeHint')),
      option('smooth', t('preferSmooth'), t('preferSmoothHint')),
    ])
  }

  #sync(): HTMLElement {
    const attributes = { type: 'checkbox', role: 'switch', name: 'sync', value: 'on' }
    return choice(attributes, this.#player.sync, this.#t('sync'), this.#t('syncHint'))
  }

  #actions(isFloated: boolean): HTMLElement[] {
    const t = this.#t
    const { shadowRoot, video } = this.#player
    const actions = [
      this.#action(t('statistics'), () => this.#context.toggle('statistics')),
      this.#action(t('keys'), () => this.#context.toggle('help')),
    ]
    if (mayFloat(video)) {
      actions.unshift(this.#action(t(isFloated ? 'land' : 'float'), () => toggleFloating(shadowRoot, video)))
    }
    return actions
  }

  #action(words: string, act: () => void): HTMLElement {
    const button = make('button', { type: 'button', class: 'action' }, [words])
    button.addEventListener('click', () => {
      this.#sheet.close()
      act()
    })
    return button
  }
}

function group(name: string, choices: readonly HTMLElement[]): HTMLElement {
  return make('fieldset', {}, [make('legend', {}, [name]), ...choices])
}

function choice(attributes: Record<string, string>, isOn: boolean, words: string, hint?: string): HTMLElement {
  const input = make('input', attributes)
  input.checked = isOn
  return make('label', { class: 'choice' }, [
    input,
    make('span', {}, [words, ...(hint ? [make('small', {}, [hint])] : [])]),
  ])
}

/** Two rungs of the same size are one choice. */
function distinct<Rung extends { readonly lines: number }>(rungs: readonly Rung[]): Rung[] {
  const sorted = [...rungs].sort((a, b) => a.lines - b.lines)
  return sorted.filter((rung, index) => rung.lines > 0 && rung.lines !== sorted[index + 1]?.lines)
}
