/** In charge of reading XML in tests: a tree, or an error that says what is not well formed. No DTDs, no CDATA. */

export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: XmlElement[]
  text: string
}

const NAME = '[A-Za-z_][\\w.:-]*'
const TAG = new RegExp(`^<(/?)(${NAME})((?:\\s+${NAME}="[^"<]*")*)\\s*(/?)>`)
const ATTRIBUTE = new RegExp(`(${NAME})="([^"<]*)"`, 'g')
const ENTITY = /&(?:(amp|lt|gt|quot|apos)|#(\d+));|&/g
const KNOWN: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Reads a document. Throws when it is not well formed. */
export function parseXml(document: string): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' }
  const open = [root]
  let rest = document.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>/, '')
  while (rest !== '') {
    const inside = open.at(-1) ?? root
    const text = /^[^<]+/.exec(rest)?.[0]
    if (text !== undefined) {
      if (inside === root && text.trim() !== '') throw new Error(`text outside the root: ${text}`)
      inside.text += decode(text)
      rest = rest.slice(text.length)
      continue
    }
    const [tag, close, name = '', attributes = '', empty] = TAG.exec(rest) ?? []
    if (tag === undefined) throw new Error(`no tag: ${rest.slice(0, 60)}`)
    rest = rest.slice(tag.length)
    if (close) {
      if (open.length < 2 || open.pop()?.name !== name) throw new Error(`</${name}> closes another element`)
      continue
    }
    const found: XmlElement = { name, attributes: readAttributes(attributes), children: [], text: '' }
    inside.children.push(found)
    if (!empty) open.push(found)
  }
  const [only, more] = root.children
  if (open.length > 1 || !only || more) throw new Error('not one element that is closed')
  return only
}

/** All elements of a name below one, in the order of the document. */
export function elementsOf(parent: XmlElement, name: string): XmlElement[] {
  return parent.children.flatMap((child) => [...(child.name === name ? [child] : []), ...elementsOf(child, name)])
}

function readAttributes(source: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [, name = '', value = ''] of source.matchAll(ATTRIBUTE)) {
    if (Object.hasOwn(found, name)) throw new Error(`${name} stands twice`)
    found[name] = decode(value)
  }
  return found
}

function decode(text: string): string {
  return text.replace(ENTITY, (all, name: string | undefined, number: string | undefined) => {
    if (name !== undefined) return KNOWN[name] ?? all
    if (number === undefined) throw new Error(`a bare & in ${text}`)
    return String.fromCodePoint(Number(number))
  })
}
