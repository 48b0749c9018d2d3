import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { isMirrored, keepFraming, keptFraming } from '../../../../client/studio/framing.ts'

let kept: Map<string, string>
beforeEach(() => {
  kept = new Map()
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
  })
})
afterEach(() => vi.unstubAllGlobals())

describe('the framing aids', () => {
  it('begin with a mirror and no lines, and are remembered', () => {
    expect(keptFraming()).toEqual({ thirds: false, safeArea: false, mirror: true })
    const chosen = keepFraming({ thirds: true, safeArea: false, mirror: false })
    expect(keptFraming()).toEqual(chosen)
  })

  it.each(['{', '7', 'null', '{"thirds":"yes","mirror":null}'])('begin anew after %s was kept', (text) => {
    kept.set('nearcast-framing', text)
    expect(keptFraming()).toEqual({ thirds: false, safeArea: false, mirror: true })
  })

  const mirror = { thirds: false, safeArea: false, mirror: true }
  it.each([
    ['oneself by a webcam', mirror, false, null, true],
    ['oneself by a phone', mirror, false, 'user', true],
    ['what is before a phone', mirror, false, 'environment', false],
    ['a screen', mirror, true, null, false],
    ['oneself, as others see one', { ...mirror, mirror: false }, false, 'user', false],
  ] as const)('show %s', (_, framing, screen, facing, mirrored) => {
    expect(isMirrored(framing, screen, facing)).toBe(mirrored)
  })
})
