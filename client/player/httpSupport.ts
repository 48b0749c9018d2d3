/** In charge of what this browser has for HTTP delivery, and of fetching the players that make use of it. */
import type { HttpVia } from './httpLane.ts'
import { mediaSourceClass } from './mse/mediaSources.ts'

type HttpPlayers = typeof import('./httpPlayer.ts')

/** Milliseconds until a fetch that failed is tried again, at first and at most. */
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [500, 8_000]

let players: Promise<HttpPlayers> | null = null

/** Media source extensions, plain or managed: for MSE push, and for hls.js. iPhones had none before iOS 17.1. */
export function hasMediaSource(): boolean {
  return mediaSourceClass() !== null
}

/**
 * The players of HTTP delivery, which are no part of the page before the first frame. To be fetched while the network still
 * works; where it does not, it is tried until it does.
 */
export function loadHttpPlayers(): Promise<HttpPlayers> {
  players ??= fetchPlayers()
  return players
}

async function fetchPlayers(): Promise<HttpPlayers> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await import('./httpPlayer.ts')
    } catch {
      await new Promise((over) => setTimeout(over, pause))
    }
  }
}

/** In charge of attempts whose player is still being fetched: one a transport, begun only if it is still wanted then. */
export class ComingPlayers {
  readonly #attempts = new Map<string, symbol>()
  readonly #load: typeof loadHttpPlayers

  constructor(load = loadHttpPlayers) {
    this.#load = load
  }

  has(via: HttpVia): boolean {
    return this.#attempts.has(via)
  }

  start(via: HttpVia, begin: (players: HttpPlayers) => void): void {
    const attempt = Symbol(via)
    this.#attempts.set(via, attempt)
    void this.#load().then((found) => {
      if (this.#attempts.get(via) !== attempt) return
      this.#attempts.delete(via)
      begin(found)
    })
  }

  /** Also of what is not fetched: then there is nothing to cancel. */
  cancel(rung: string): void {
    this.#attempts.delete(rung)
  }

  close(): void {
    this.#attempts.clear()
  }
}
