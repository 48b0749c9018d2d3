/** Writes XML: elements with escaped attributes and text, indented by two spaces. No I/O. */

/** Attributes that are undefined are left out. */
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

/** Characters that XML 1.0 (2.2) has no place for are left out: no escape makes them well formed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as it may stand in an element or between quotes. Fit for HTML too. */
export function escapeXml(text: string): string {
  return text.replace(FORBIDDEN, '').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}

/** An element; its content is elements made by this function, or text made by `escapeXml`. */
export function element(name: string, attributes: Attributes = {}, content: readonly string[] | string = []): string {
  const listed = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`)
    .join('')
  if (typeof content === 'string') return `<${name}${listed}>${content}</${name}>`
  if (content.length === 0) return `<${name}${listed}/>`
  const inner = content.map((child) => `  ${child.replaceAll('\n', '\n  ')}`).join('\n')
  return `<${name}${listed}>\n${inner}\n</${name}>`
}
