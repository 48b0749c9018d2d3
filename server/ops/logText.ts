/** Log lines for people at a terminal; everything else gets pino's JSON. */
import * as v from 'valibot'

const lineSchema = v.looseObject({ level: v.number(), time: v.string(), msg: v.optional(v.string(), '') })

const LEVELS = new Map([
  [10, 'trace'],
  [20, 'debug'],
  [30, 'info'],
  [40, 'warn'],
  [50, 'error'],
  [60, 'fatal'],
])

/** One JSON line of pino's as text: time of day, level, message, then the fields. What is no such line is left as it is. */
export function logLineAsText(json: string): string {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), lineSchema), json)
  if (!parsed.success) return json
  const { level, time, msg, ...fields } = parsed.output
  const details = Object.entries(fields).map(([name, value]) => `${name}=${printable(value)}`)
  return `${[time.slice(11, 19), LEVELS.get(level) ?? level, msg, ...details].join('  ')}\n`
}

/** Clients' strings reach the log: a terminal must not take control characters from them. */
function printable(value: unknown): string {
  return typeof value === 'string' && !/[\p{Cc}]/u.test(value) ? value : JSON.stringify(value)
}
