/** In charge of what a page looks like to those who judge it: layout shifts, and what axe-core finds, in every look. */
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { type Language, languages } from '../../shared/languages.ts'
import { evaluate } from './page.ts'

/** WCAG 2.2 up to AA, and what axe-core's authors call good practice. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** An init script that adds up the layout shifts of a page from its beginning. */
export const shiftWatchScript = `{
  globalThis.shiftOfTest = 0
  globalThis.shiftsOfTest = []
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) {
      if (shift.hadRecentInput) continue
      globalThis.shiftOfTest += shift.value
      for (const { node } of shift.sources) globalThis.shiftsOfTest.push(node?.id || node?.className || node?.nodeName)
    }
  }).observe({ type: 'layout-shift', buffered: true })
}`

/** The sum of all shifts so far (CLS without its windows), and what moved. */
export async function layoutShift(page: Page): Promise<{ sum: number; moved: string[] }> {
  return evaluate(page, '({ sum: shiftOfTest, moved: shiftsOfTest })')
}

/** What the page's own switch does; pages without one stay as they are. */
export async function speak(page: Page, language: Language): Promise<void> {
  if ((await page.locator('html').getAttribute('lang')) === language) return
  const button = page.locator('#language')
  if ((await button.count()) === 0) return
  await button.click()
  await page.locator(`html[lang=${language}]`).waitFor({ state: 'attached' })
}

/**
 * What axe-core has against the page as it is now, in both colour schemes and all languages; a line each. `isFrame`: it
 * is part of another page, which has the headings.
 */
export async function violations(page: Page, { isFrame = false } = {}): Promise<string[]> {
  const rules = { 'page-has-heading-one': { enabled: !isFrame } }
  await evaluate(page, `{ ${axe.source}; undefined }`)
  const found: string[] = []
  for (const language of languages) {
    await speak(page, language)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const lines = await evaluate<string[]>(
        page,
        `axe.run(document, { runOnly: ${JSON.stringify(RULES)}, rules: ${JSON.stringify(rules)}, resultTypes: ['violations'] }).then(({ violations }) =>
          violations.flatMap(({ id, nodes }) => nodes.map(({ target, any, all, none }) =>
            [id, target.join(' '), ...[...any, ...all, ...none].map(({ message }) => message)].join(': '))))`,
      )
      found.push(...lines.map((line) => `${language}, ${colorScheme}: ${line}`))
    }
  }
  return found
}
