import { describe, expect, it } from 'vitest'
import { chooseLanguage, isLanguage } from '../../../shared/languages.ts'

describe('the language for somebody', () => {
  it.each([
    [['ko-KR', 'ko', 'en'], 'ko'],
    [['en-GB', 'ko'], 'en'],
    [['fr', 'ko-KR', 'en'], 'ko'],
    [['KO'], 'ko'],
    [['kok'], 'en'],
    [['fr', 'de'], 'en'],
    [['', '*'], 'en'],
    [[], 'en'],
  ] as const)('who wants %j is %s', (wishes, language) => {
    expect(chooseLanguage(wishes)).toBe(language)
  })

  it('is none that we do not speak', () => {
    expect([isLanguage('ko'), isLanguage('ko-KR'), isLanguage('constructor')]).toEqual([true, false, false])
  })
})
