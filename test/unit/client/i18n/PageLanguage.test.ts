import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { PageLanguage } from '../../../../client/i18n/PageLanguage.ts'
import { wordbook } from '../../../../client/i18n/wordbook.ts'

const english = { hello: 'Hello, {name}', people: { one: '{count} person', other: '{count} people' } } as const
const korean = { hello: '{name} 님, 안녕하세요', people: '{count}명' }

const kept = new Map<string, string>()
const html = { lang: '' }

beforeEach(() => {
  vi.stubGlobal('document', { documentElement: html })
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  kept.clear()
})

const book = () => wordbook<typeof english>({ en: async () => english, ko: async () => korean })

describe('the language of a page', () => {
  it("is the browser's, and its words have its plurals and numbers", async () => {
    const page = PageLanguage.create(['en-US'])
    const { t, load } = page.words(book())
    await load()
    page.declare()
    expect(html.lang).toBe('en')
    expect([t.language, t('hello', { name: 'Kim' })]).toEqual(['en', 'Hello, Kim'])
    expect([t('people', { count: 1 }), t('people', { count: 1234 })]).toEqual(['1 person', '1,234 people'])
  })

  it('is the one that was chosen, on the next page as well', async () => {
    const page = PageLanguage.create(['en-US'])
    const { t, load } = page.words(book())
    await load()
    const changed = vi.fn()
    page.on('change', changed)
    await page.choose('ko')
    expect([t.language, t('hello', { name: 'Kim' }), t('people', { count: 1 })]).toEqual([
      'ko',
      'Kim 님, 안녕하세요',
      '1명',
    ])
    expect([html.lang, changed.mock.calls.length]).toEqual(['ko', 1])
    expect(PageLanguage.create(['en-US']).current).toBe('ko')
  })

  it('stays what it is while the words of the other have not come, and the last choice counts', async () => {
    const page = PageLanguage.create(['en'])
    let deliver = () => {}
    const late = new Promise<typeof korean>((resolve) => {
      deliver = () => resolve(korean)
    })
    const { t, load } = page.words(wordbook<typeof english>({ en: async () => english, ko: () => late }))
    await load()
    const first = page.choose('ko')
    expect(t.language).toBe('en')
    await page.choose('en')
    deliver()
    await first
    expect([page.current, t('people', { count: 2 })]).toEqual(['en', '2 people'])
  })

  it('falls back to English when words cannot be loaded, and tries again the next time', async () => {
    let isBroken = true
    const ko = async () => (isBroken ? Promise.reject(new Error('no network')) : korean)
    const words = wordbook<typeof english>({ en: async () => english, ko })
    expect((await words('ko')).language).toBe('en')
    isBroken = false
    expect((await words('ko')).language).toBe('ko')
  })
})
