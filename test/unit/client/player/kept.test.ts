import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keepLoudness, keepSaver, keptLoudness, savesData } from '../../../../client/player/kept.ts'

let items: Map<string, string>
beforeEach(() => {
  items = new Map()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => items.set(key, value),
    removeItem: (key: string) => items.delete(key),
  })
})
afterEach(() => vi.unstubAllGlobals())

describe('what a viewer finds again', () => {
  it('is how loud it was', () => {
    expect(keptLoudness()).toBeNull()
    keepLoudness({ volume: 0.25, muted: true })
    expect(keptLoudness()).toEqual({ volume: 0.25, muted: true })
  })

  it.each(['', '{', 'null', '[]', '{"volume":2,"muted":false}', '{"volume":"1","muted":false}', '{"volume":1}'])(
    'is nothing where %s was kept',
    (text) => {
      items.set('nearcast-loudness', text)
      expect(keptLoudness()).toBeNull()
    },
  )

  it('is whether data is saved: as chosen here, else as the browser is told to', () => {
    vi.stubGlobal('navigator', { connection: { saveData: true } })
    expect(savesData()).toBe(true)
    keepSaver(false)
    expect(savesData()).toBe(false)
    vi.stubGlobal('navigator', {})
    keepSaver(true)
    expect(savesData()).toBe(true)
    items.clear()
    expect(savesData()).toBe(false)
  })

  it('is nothing where the browser forbids to keep anything', () => {
    vi.stubGlobal('navigator', {})
    vi.stubGlobal('localStorage', undefined)
    keepLoudness({ volume: 1, muted: false })
    expect([keptLoudness(), savesData()]).toEqual([null, false])
  })
})
