/** In charge of what a page hands to the one that takes its place: what the person chose, and the picture that was seen. */
import * as v from 'valibot'
import { recall, remember } from '../../lib/storage.ts'
import type { NearcastPlayer } from '../../player/NearcastPlayer.ts'
import { boxOf } from './Cover.ts'
import type { Renewed } from './renewalPolicy.ts'

const carriedSchema = v.object({
  build: v.nullable(v.string()),
  at: v.number(),
  /** Attributes of the player that were set or taken away since the page was loaded. */
  attributes: v.record(v.string(), v.nullable(v.string())),
  /** The last picture as a data URL, or null; where it was. */
  picture: v.nullable(v.string()),
  box: v.object({ left: v.number(), top: v.number(), width: v.number(), height: v.number() }),
})
export type Carried = v.InferOutput<typeof carriedSchema>

/** Known to earlyCover.js, too. */
const CARRIED = 'nearcast-carried'
const RENEWED = 'nearcast-renewed'

/** Pixels: more is not worth the time of encoding for a moment's still. */
const MAX_WIDTH = 1280

/** What the player of the next page begins with. */
const attributes = ['muted', 'prefer', 'quality', 'sync'] as const

/** A copy of the picture that is seen, or null where there is none. */
export function copyPicture(player: NearcastPlayer): HTMLCanvasElement | null {
  const { video } = player
  // While a video begins anew, the player shows a still of it.
  const still = player.shadowRoot?.querySelector('canvas') ?? null
  const seen = still ?? video
  const [width, height] = still ? [still.width, still.height] : [video?.videoWidth ?? 0, video?.videoHeight ?? 0]
  if (seen === null || width === 0) return null
  const copy = document.createElement('canvas')
  const scale = Math.min(1, MAX_WIDTH / width)
  copy.width = Math.round(width * scale)
  copy.height = Math.round(height * scale)
  copy.getContext('2d')?.drawImage(seen, 0, 0, copy.width, copy.height)
  return copy
}

/** Leaves it for the next page. False where the browser keeps nothing: then nobody would know of the circle. */
export function carry(player: Element, picture: HTMLCanvasElement | null, { build, at }: Renewed): boolean {
  remember('tab', RENEWED, JSON.stringify({ build, at }))
  const chosen = Object.fromEntries(attributes.map((name) => [name, player.getAttribute(name)]))
  const carried: Carried = { build, at, attributes: chosen, picture: dataUrl(picture), box: boxOf(player) }
  remember('tab', CARRIED, JSON.stringify(carried))
  return lastRenewal()?.at === at
}

/** Takes what the page before left, once; null when there was none, or it is too old to be of this visit. */
export function takeCarried(now: number): Carried | null {
  const left = parse(recall('tab', CARRIED), carriedSchema)
  remember('tab', CARRIED, null)
  return left !== null && now - left.at < 30_000 ? left : null
}

/** When this tab was loaded again for an update the last time. */
export function lastRenewal(): Renewed | null {
  return parse(recall('tab', RENEWED), v.object({ build: v.nullable(v.string()), at: v.number() }))
}

/** Null where a picture of another origin may not be read. */
function dataUrl(picture: HTMLCanvasElement | null): string | null {
  try {
    return picture?.toDataURL('image/jpeg', 0.8) ?? null
  } catch {
    return null
  }
}

function parse<Schema extends v.GenericSchema>(text: string | null, schema: Schema): v.InferOutput<Schema> | null {
  try {
    const parsed = v.safeParse(schema, JSON.parse(text ?? 'null'))
    return parsed.success ? parsed.output : null
  } catch {
    return null
  }
}
