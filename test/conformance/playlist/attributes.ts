/** In charge of attribute lists in HLS tags, read strictly: draft-pantos-hls-rfc8216bis 4.2. Pure. */

/** What the value of an attribute must look like. */
export type AttributeType = 'integer' | 'float' | 'string' | 'enum' | 'resolution'

/** The attributes that a tag may have, by name; one that must be there ends in `!`. */
export type AttributeTable = Readonly<Record<string, AttributeType | `${AttributeType}!`>>

const forms: Readonly<Record<AttributeType, RegExp>> = {
  integer: /^\d{1,20}$/,
  float: /^\d+(\.\d+)?$/,
  string: /^"[^"\r\n]*"$/,
  enum: /^[^",\s]+$/,
  resolution: /^\d+x\d+$/,
}

const name = /^[A-Z0-9-]+$/

/** Values without their quotes. Names that the table does not have are kept and no fault: a client ignores them (6.3.1). */
export function readAttributes(
  tag: string,
  list: string,
  table: AttributeTable,
  fault: (what: string) => void,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const item of splitList(list)) {
    const equals = item.indexOf('=')
    const key = item.slice(0, equals)
    const value = item.slice(equals + 1)
    if (equals < 1 || !name.test(key)) {
      fault(`${tag}: "${item}" is no attribute`)
      continue
    }
    if (found.has(key)) fault(`${tag}: ${key} stands there twice`)
    const type = table[key]?.replace('!', '')
    if (isType(type) && !forms[type].test(value)) fault(`${tag}: ${key}=${value} is no ${type}`)
    found.set(key, value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value)
  }
  for (const [key, type] of Object.entries(table)) {
    if (type.endsWith('!') && !found.has(key)) fault(`${tag}: ${key} is missing`)
  }
  return found
}

/** The number of an attribute; null where it is missing or none. */
export function numberOf(attributes: ReadonlyMap<string, string>, key: string): number | null {
  const value = attributes.get(key)
  return value !== undefined && forms.float.test(value) ? Number(value) : null
}

function isType(type: string | undefined): type is AttributeType {
  return type !== undefined && type in forms
}

/** At commas that are not inside quotes. */
function splitList(list: string): string[] {
  return list.match(/(?:"[^"]*"|[^",])+/g) ?? []
}
