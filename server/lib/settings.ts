/** How one setting is declared: a name, a default, bounds, a unit, a meaning, and a parser that says what it accepts. */

export type Parsed<T> = { ok: true; value: T } | { ok: false; problem: string }

export interface Setting<T> {
  /** The environment variable. */
  readonly name: string
  /** The default as the README shows it. */
  readonly defaultText: string
  /** What is accepted, in words. */
  readonly accepts: string
  readonly meaning: string
  /** Never printed or logged. */
  readonly secret: boolean
  /** `raw` is undefined when the variable is unset or empty. */
  parse(raw: string | undefined): Parsed<T>
}

interface NumberOptions {
  default: number
  /** For defaults that depend on the machine. */
  defaultText?: string
  min: number
  max: number
  unit?: string
  meaning: string
}

function declare<T>(
  name: string,
  meaning: string,
  accepts: string,
  defaultText: string,
  parse: (raw: string) => T | undefined,
  fallback: T,
  isSecret = false,
): Setting<T> {
  return {
    name,
    meaning,
    accepts,
    defaultText,
    secret: isSecret,
    parse(raw) {
      if (raw === undefined) return { ok: true, value: fallback }
      const value = parse(raw)
      if (value !== undefined) return { ok: true, value }
      return { ok: false, problem: `${isSecret ? 'the value' : JSON.stringify(raw)} is not accepted: ${accepts}` }
    },
  }
}

function bounded(name: string, options: NumberOptions, what: string, form: RegExp): Setting<number> {
  const unit = options.unit === undefined ? '' : ` ${options.unit}`
  return declare(
    name,
    options.meaning,
    `${what} from ${options.min} to ${options.max}${unit}`,
    options.defaultText ?? `${options.default}${unit}`,
    (raw) => {
      const value = form.test(raw) ? Number(raw) : Number.NaN
      return value >= options.min && value <= options.max ? value : undefined
    },
    options.default,
  )
}

export function integer(name: string, options: NumberOptions): Setting<number> {
  return bounded(name, options, 'a whole number', /^\d{1,12}$/)
}

export function number(name: string, options: NumberOptions): Setting<number> {
  return bounded(name, options, 'a number', /^\d{1,12}(\.\d{1,6})?$/)
}

export function flag(name: string, options: { default: boolean; meaning: string }): Setting<boolean> {
  const words = new Map([
    ['1', true],
    ['true', true],
    ['0', false],
    ['false', false],
  ])
  const { meaning } = options
  return declare(name, meaning, '`true` or `false`', String(options.default), (raw) => words.get(raw), options.default)
}

export function oneOf<const Choice extends string>(
  name: string,
  choices: readonly Choice[],
  options: { default: NoInfer<Choice>; meaning: string },
): Setting<Choice> {
  const accepts = `one of ${choices.join(', ')}`
  const find = (raw: string) => choices.find((choice) => choice === raw)
  return declare(name, options.meaning, accepts, options.default, find, options.default)
}

export function text(name: string, options: { default: string; meaning: string }): Setting<string> {
  return declare(name, options.meaning, 'text', options.default, (raw) => raw, options.default)
}

export function optionalText(
  name: string,
  options: { pattern?: RegExp; accepts: string; meaning: string },
): Setting<string | null> {
  const check = (raw: string) => (options.pattern === undefined || options.pattern.test(raw) ? raw : undefined)
  return declare<string | null>(name, options.meaning, options.accepts, 'none', check, null)
}

export function list(
  name: string,
  options: { default?: readonly string[]; defaultText?: string; pattern: RegExp; accepts: string; meaning: string },
): Setting<readonly string[]> {
  const { default: fallback = [], defaultText = 'none' } = options
  const parse = (raw: string) => {
    const items = raw.split(',').map((item) => item.trim())
    return items.every((item) => options.pattern.test(item)) ? items : undefined
  }
  return declare<readonly string[]>(name, options.meaning, options.accepts, defaultText, parse, fallback)
}

/** At least 16 characters without white space; redacted everywhere. */
export function secret(name: string, options: { meaning: string }): Setting<string | null> {
  const check = (raw: string) => (/^\S{16,}$/.test(raw) ? raw : undefined)
  return declare<string | null>(
    name,
    options.meaning,
    'at least 16 characters without spaces',
    'none',
    check,
    null,
    true,
  )
}
