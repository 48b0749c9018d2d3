/** In charge of what the player is told to play, and of the seat that a reloading tab takes up again. */
import * as v from 'valibot'
import { broadcastIdSchema, viewerSessionSchema } from '../../shared/ids.ts'

export interface PlayerSource {
  /** Origin of the server. */
  readonly origin: string
  readonly broadcastId: string
  /** Whether the address asks for TURN only (`?ice=relay`). */
  readonly relayOnly: boolean
}

/** Reads a watch or embed page's address; null when it is none. `base` resolves relative ones. */
export function parseSource(src: string, base: string): PlayerSource | null {
  if (!URL.canParse(src, base)) return null
  const url = new URL(src, base)
  const [, page, id, ...rest] = url.pathname.split('/')
  const isPage = (page === 'watch' || page === 'embed') && rest.every((part) => part === '')
  if (!isPage || !/^https?:$/.test(url.protocol) || !v.is(broadcastIdSchema, id)) return null
  return { origin: url.origin, broadcastId: id, relayOnly: url.searchParams.get('ice') === 'relay' }
}

/** Gives a player of our own pages the page's address as source, and as attributes what its query asks for. */
export function addressPlayer(player: HTMLElement, address: string): void {
  const query = new URL(address).searchParams
  player.setAttribute('src', address)
  player.setAttribute('prefer', query.get('prefer') ?? 'auto')
  const quality = query.get('quality')
  if (quality !== null) player.setAttribute('quality', quality)
  if (query.has('sync')) player.toggleAttribute('sync', true)
  player.toggleAttribute('muted', query.has('muted'))
}

/** What is needed of `sessionStorage`. */
export type SeatStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

const seatKey = ({ origin, broadcastId }: PlayerSource) => `nearcast-seat ${origin} ${broadcastId}`

/**
 * Takes the seat that the tab left behind when it was unloaded. It is taken out, since a duplicated tab inherits the
 * storage: two viewers on one seat would throw each other off.
 */
export function takeSeat(source: PlayerSource, storage: SeatStorage | null): string | null {
  const seat = storage?.getItem(seatKey(source)) ?? null
  storage?.removeItem(seatKey(source))
  return v.is(viewerSessionSchema, seat) ? seat : null
}

/** Leaves the seat for the page that a reload brings. */
export function leaveSeat(source: PlayerSource, seat: string | null, storage: SeatStorage | null): void {
  if (seat !== null) storage?.setItem(seatKey(source), seat)
}

/** Null where the browser forbids it: frames of other sites, strict privacy settings. */
export function seatStorage(): SeatStorage | null {
  try {
    return sessionStorage
  } catch {
    return null
  }
}
