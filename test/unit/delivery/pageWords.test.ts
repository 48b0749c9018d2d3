import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { pageNames } from '../../../server/delivery/pageSecurity.ts'
import { inLanguage } from '../../../server/delivery/pageWords.ts'

describe("a page's own words", () => {
  it.each(pageNames)('are all in one language: %s', (page) => {
    const html = readFileSync(new URL(`../../../client/${page}/index.html`, import.meta.url), 'utf8')
    expect(inLanguage(html, 'en')).toBe(html)
    const korean = inLanguage(html, 'ko')
    expect(korean).toContain('<html lang="ko">')
    expect(korean).toContain('<p>Nearcast를 쓰려면 JavaScript가 필요해요.</p>')
    for (const [, description] of korean.matchAll(/name="description" content="([^"]*)"/g)) {
      expect(description).toMatch(/[가-힣]/)
    }
  })
})
