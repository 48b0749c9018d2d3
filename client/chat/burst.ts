/** In charge of how many pictures stand for what a crowd tapped. */
import { type ChatReactions, type Reaction, reactions } from '../../shared/chat.ts'

/** Milliseconds between two sums of the server. */
export const SERVER_SUMS = 250

export interface Burst {
  readonly reaction: Reaction
  /** How many taps this picture stands for. */
  readonly count: number
}

/** Pictures of one kind at once; more taps are written beside the last one. */
const MAX_OF_A_KIND = 3

/** A few taps are a few pictures; a crowd is one more with a number. */
export function burstOf(counts: ChatReactions['counts']): Burst[] {
  return reactions.flatMap((reaction) => {
    const count = counts[reaction] ?? 0
    const single = count > MAX_OF_A_KIND ? MAX_OF_A_KIND - 1 : count
    const bursts: Burst[] = Array.from({ length: single }, () => ({ reaction, count: 1 }))
    return count > single ? [...bursts, { reaction, count: count - single }] : bursts
  })
}
