/** In charge of the aids that a person chose for framing the picture; a browser remembers them, viewers never see them. */
import { recall, remember } from '../lib/storage.ts'
import type { Facing } from '../publish/facing.ts'

export interface Framing {
  /** Lines at a third of width and height. */
  readonly thirds: boolean
  /** The part that players and phones never cover or cut. */
  readonly safeArea: boolean
  /** As in a mirror, where it is a picture of oneself. */
  readonly mirror: boolean
}

const NAME = 'nearcast-framing'
const DEFAULTS: Framing = { thirds: false, safeArea: false, mirror: true }

export function keptFraming(): Framing {
  try {
    const kept: Record<string, unknown> = JSON.parse(recall('browser', NAME) ?? '{}')
    const { thirds, safeArea, mirror } = kept
    return { thirds: thirds === true, safeArea: safeArea === true, mirror: mirror !== false }
  } catch {
    return DEFAULTS
  }
}

/** Returns what it was given. */
export function keepFraming(framing: Framing): Framing {
  remember('browser', NAME, JSON.stringify(framing))
  return framing
}

/** A screen, and what a camera sees that looks away from the person, would be wrong in a mirror. */
export function isMirrored(framing: Framing, screen: boolean, facing: Facing | null): boolean {
  return framing.mirror && !screen && facing !== 'environment'
}
