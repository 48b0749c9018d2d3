import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

/** WCAG 2.2: 1.4.3 for text, 1.4.11 for the outlines of what can be used, 1.4.6 for what is read at length. */
const TEXT = 4.5
const OUTLINE = 3
const READING = 7

const client = new URL('../../../../client/', import.meta.url)
const tokens = readFileSync(new URL('ui/tokens.css', client), 'utf8')
const playerCss = readFileSync(new URL('player/player.css', client), 'utf8')

const colours = new Map(
  [...tokens.matchAll(/(--[\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, name, light, dark]) => [
    name ?? '',
    { light: light ?? '', dark: dark ?? '' },
  ]),
)

type Rgb = readonly [number, number, number]

function rgb(hex: string): Rgb {
  const full = hex.length === 4 ? hex.replace(/\w/g, '$&$&') : hex
  const part = (at: number) => Number.parseInt(full.slice(at, at + 2), 16)
  return [part(1), part(3), part(5)]
}

/** Relative luminance, WCAG 2.2. */
function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0)
}

function contrast(one: Rgb, other: Rgb): number {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return ((lighter ?? 0) + 0.05) / ((darker ?? 0) + 0.05)
}

/** A colour of this opacity over another. */
const over = (colour: Rgb, opacity: number, below: Rgb): Rgb => {
  const mix = (index: 0 | 1 | 2) => colour[index] * opacity + below[index] * (1 - opacity)
  return [mix(0), mix(1), mix(2)]
}

const grounds = ['--ground', '--surface', '--raised']

const pairs: [what: string, on: readonly string[], least: number][] = [
  ['--text', grounds, READING],
  ['--muted', grounds, TEXT],
  ['--accent-ink', grounds, TEXT],
  ['--live-ink', grounds, TEXT],
  ['--good', ['--ground', '--surface'], TEXT],
  ['--on-accent', ['--accent', '--accent-hover'], TEXT],
  ['--on-live', ['--live', '--live-hover'], TEXT],
  ['--warn-text', ['--warn-ground'], READING],
  ['--error-text', ['--error-ground'], READING],
  ['--line-strong', ['--ground', '--surface'], OUTLINE],
  ['--accent', ['--ground', '--surface'], OUTLINE],
  ['--live', ['--ground', '--surface'], OUTLINE],
]

describe.each(['light', 'dark'] as const)('in %s colours', (theme) => {
  const colour = (name: string): Rgb => rgb(colours.get(name)?.[theme] ?? '')

  it.each(pairs)('%s can be told from %j by at least %s to 1', (what, on, least) => {
    for (const ground of on) {
      expect(contrast(colour(what), colour(ground)), `${what} on ${ground}`).toBeGreaterThanOrEqual(least)
    }
  })
})

describe('on a picture that is white', () => {
  const white: Rgb = [255, 255, 255]
  const black: Rgb = [0, 0, 0]
  /** The value of the first match, as a number. */
  const number = (pattern: RegExp): number => Number(playerCss.match(pattern)?.[1])

  it('the words of the player can be read', () => {
    const veil = over(black, number(/\.message \{[^}]*background: rgb\(0 0 0 \/ (\d+)%\)/) / 100, white)
    const hint = rgb(playerCss.match(/\.message \.hint,[^}]*color: (#\w+)/)?.[1] ?? '')
    expect(contrast(white, veil)).toBeGreaterThanOrEqual(READING)
    expect(contrast(hint, veil)).toBeGreaterThanOrEqual(TEXT)
  })

  it('its controls can be seen', () => {
    const veil = over(black, number(/\.bar \{[^}]*linear-gradient\(transparent, rgb\(0 0 0 \/ (\d+)%\)/) / 100, white)
    expect(contrast(white, veil)).toBeGreaterThanOrEqual(READING)
    expect(
      contrast(white, rgb(playerCss.match(/\.live \{[^}]*background: var\(--nearcast-live, (#\w+)\)/)?.[1] ?? '')),
    ).toBeGreaterThanOrEqual(TEXT)
  })
})
