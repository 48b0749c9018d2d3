/** In charge of the look of what opens beside the picture: loaded with it, once for all players of a page. */
import css from './extras.css?inline'

let sheet: CSSStyleSheet | null = null

export function adoptExtraStyles({ shadowRoot }: HTMLElement): void {
  if (sheet === null) {
    sheet = new CSSStyleSheet()
    sheet.replaceSync(css)
  }
  if (shadowRoot && !shadowRoot.adoptedStyleSheets.includes(sheet)) shadowRoot.adoptedStyleSheets.push(sheet)
}
