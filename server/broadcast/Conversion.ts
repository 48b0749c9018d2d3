/** Whether the video of a broadcast can be had over HTTP: copied, or transcoded while one of the machine's slots is held. */
import type { HttpDelivery } from '../../shared/broadcast.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import type { SlotClaim, TranscodeSlots } from '../tap/TranscodeSlots.ts'

/**
 * - `copied`: H.264, or no video at all
 * - `converted`: VP8, which is transcoded
 * - `waiting`: VP8, and every slot is taken
 * - `impossible`: another codec, or VP8 where nothing is transcoded
 */
export type VideoRoute = 'copied' | 'converted' | 'waiting' | 'impossible'

export class Conversion {
  readonly #slots: TranscodeSlots
  readonly #granted: () => void
  #claim: SlotClaim | null = null

  /** @param granted a slot was waited for, and is held now */
  constructor(slots: TranscodeSlots, granted: () => void) {
    this.#slots = slots
    this.#granted = granted
  }

  /** What can be done with video in these codecs (MIME types). */
  route(codecs: readonly string[]): VideoRoute {
    const foreign = codecs.filter((codec) => codec.toLowerCase() !== COPIED)
    if (foreign.length === 0) return 'copied'
    if (this.#slots.most === 0 || foreign.some((codec) => codec.toLowerCase() !== TRANSCODED)) return 'impossible'
    return this.#claim?.held === false ? 'waiting' : 'converted'
  }

  /** Does what the route asks for: claims a slot, or gives back the one that is not needed any more. */
  enter(codecs: readonly string[]): VideoRoute {
    const route = this.route(codecs)
    if (route === 'converted') this.#claim ??= this.#slots.claim(this.#granted)
    else if (route !== 'waiting') this.leave()
    return this.route(codecs)
  }

  /** Nothing is transcoded, or waits for it, any more. Idempotent. */
  leave(): void {
    this.#claim?.release()
    this.#claim = null
  }
}

/** What clients are told of a route. @param ready something can be played */
export function httpDelivery(route: VideoRoute, ready: boolean): HttpDelivery {
  return lackOf(route) ?? (ready ? 'ready' : 'preparing')
}

/** Why there is no HTTP delivery, or null when there is or will be. */
export function lackOf(route: VideoRoute): Extract<ErrorCode, HttpDelivery> | null {
  if (route === 'impossible') return 'no-http-delivery'
  return route === 'waiting' ? 'transcoders-busy' : null
}

const COPIED = 'video/h264'
const TRANSCODED = 'video/vp8'
