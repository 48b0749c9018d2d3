import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Phrase } from '../../../../client/i18n/translate.ts'
import { languages } from '../../../../shared/languages.ts'

const folder = new URL('../../../../client/i18n/', import.meta.url)
const parts = readdirSync(new URL('en/', folder)).sort()

async function wordsOf(language: string, part: string): Promise<Record<string, Phrase>> {
  const module: Record<string, Record<string, Phrase>> = await import(new URL(`${language}/${part}`, folder).href)
  return Object.values(module)[0] ?? {}
}

const forms = (phrase: Phrase): string[] => (typeof phrase === 'string' ? [phrase] : [phrase.one, phrase.other])
const placeholders = (phrase: Phrase): string[] =>
  [...new Set(forms(phrase).flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort()

describe('the words of all languages', () => {
  it('are there for every part', () => {
    for (const language of languages) expect(readdirSync(new URL(`${language}/`, folder)).sort()).toEqual(parts)
  })

  it.each(parts)('name the same things and values in %s', async (part) => {
    const english = await wordsOf('en', part)
    for (const language of languages) {
      const words = await wordsOf(language, part)
      expect(Object.keys(words).sort()).toEqual(Object.keys(english).sort())
      for (const [key, phrase] of Object.entries(words)) {
        expect([key, placeholders(phrase)]).toEqual([key, placeholders(english[key] ?? '')])
        for (const text of forms(phrase)) expect([key, text.trim()]).not.toEqual([key, ''])
      }
    }
  })

  it.each(parts)('are Korean in Korean: %s', async (part) => {
    const [english, korean] = [await wordsOf('en', part), await wordsOf('ko', part)]
    // Names, numbers and units are the same everywhere.
    const same = Object.keys(korean).filter((key) => !/[가-힣]/.test(forms(korean[key] ?? '').join('')))
    for (const key of same) expect(key).toMatch(/^(kilobits|pageTitle|smooth|encoderText|way(Udp|Tcp|Turn\w+))$/)
    expect(Object.keys(english).length).toBeGreaterThan(same.length)
  })

  it.each(parts)('keep to one tone of voice in Korean: %s', async (part) => {
    const stiff = Object.entries(await wordsOf('ko', part)).filter(([, phrase]) =>
      forms(phrase).some((text) => text.includes('니다')),
    )
    expect(stiff).toEqual([])
  })
})
