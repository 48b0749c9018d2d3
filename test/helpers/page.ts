/** In charge of what tests run inside a page, whichever driver drives the browser. */

/** What Playwright's and Puppeteer's pages have in common: running a source text and awaiting its promise. */
export interface AnyPage {
  evaluate(source: string): Promise<unknown>
}

/**
 * A JavaScript expression for the element that shows the picture: the player's current one, or the page's only one.
 * The `<nearcast-player>` element keeps its video in a shadow tree and exchanges it when the transport changes.
 */
export const pictureElement =
  "((document.querySelector('nearcast-player') ?? {}).video ?? document.querySelector('video') ?? document.querySelector('audio'))"

/** The source text of a call: functions as their own text, everything else as JSON. The function must be self-contained. */
export function callSource(callee: { toString(): string }, ...sources: string[]): string {
  return `(${callee.toString()})(${sources.join(', ')})`
}

/** Runs a source text in a page of either driver and hands on what its promise resolves to. */
export async function evaluate<T>(page: AnyPage, source: string): Promise<T> {
  return (await page.evaluate(source)) as T
}
