/** In charge of the statistics of a player: what it tells at one moment, and what two moments say together. Pure. */
import type { PlayerTransport } from '../../../shared/signaling.ts'
import type { Figures } from '../figures.ts'

/** All that is known of a player at one moment. */
export interface Statistics extends Figures {
  /** Milliseconds on a clock that never steps. */
  readonly at: number
  readonly transport: PlayerTransport | null
  /** Pixels of the picture as it is decoded; 0 before the first. */
  readonly width: number
  readonly height: number
  /** Seconds behind capture. */
  readonly latency: number | null
  /** Changes of transport so far. */
  readonly switches: number
}

/** What is true between two moments. */
export interface Rates {
  readonly framesPerSecond: number | null
  readonly bitsPerSecond: number | null
  /** From 0 to 1. */
  readonly loss: number | null
  /** Seconds. */
  readonly buffer: number | null
}

/** Nothing but the buffer is known of two moments of different players. */
export function ratesBetween(before: Statistics | null, now: Statistics): Rates {
  const nothing = { framesPerSecond: null, bitsPerSecond: null, loss: null, buffer: now.buffer }
  if (before === null || before.transport !== now.transport || now.at <= before.at) return nothing
  const grown = (of: (each: Statistics) => number | null | undefined): number | null => {
    const [from, to] = [of(before), of(now)]
    // Less than before is another attempt by the same transport.
    return from == null || to == null || to < from ? null : to - from
  }
  const seconds = (now.at - before.at) / 1000
  const frames = grown((each) => each.frames)
  const bytes = grown((each) => each.bytes)
  const packets = grown((each) => each.packets)
  const lost = grown((each) => each.packetsLost)
  const shown = grown((each) => each.waited?.frames)
  const waited = grown((each) => each.waited?.seconds)
  return {
    framesPerSecond: frames === null ? null : frames / seconds,
    bitsPerSecond: bytes === null ? null : (bytes * 8) / seconds,
    loss: packets === null || lost === null || packets + lost === 0 ? null : lost / (packets + lost),
    buffer: shown && waited !== null ? waited / shown : now.buffer,
  }
}
