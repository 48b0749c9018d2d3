/** In charge of the addresses below `/mse/`: which broadcast, which rendition, whose player. No I/O. */
import { NearcastError } from '../../shared/errors.ts'

export interface MseAddress {
  readonly id: string
  /** Null for the best. */
  readonly rendition: string | null
  /** Our own player, which has a signaling session: the token that it got there. */
  readonly viewer: string | null
}

/** Throws not-found, or bad-request for a rendition that can be none. */
export function parseMseAddress(url: string): MseAddress {
  const [, id, query = ''] = /^\/mse\/([\w-]{16})(?:\?(.*))?$/s.exec(url) ?? []
  if (id === undefined) throw new NearcastError('not-found')
  const asked = new URLSearchParams(query)
  const rendition = asked.get('rendition')
  if (rendition !== null && !/^[\w-]{1,32}$/.test(rendition)) {
    throw new NearcastError('bad-request', 'There can be no such rendition.')
  }
  return { id, rendition, viewer: asked.get('viewer') }
}
