/** In charge of waiting for facts: looks again and again until something is true, with a deadline that names it. */

import { describeScene } from './scene.ts'

/** How often to look and when to give up, in milliseconds. */
export interface WaitOptions {
  every?: number
  deadline?: number
}

/**
 * Resolves with the first value of `look` that is neither undefined, null nor false. Rejects with `what`, the last
 * error and what the test's pages and servers were doing when none came within `deadline` (30 000 ms: on
 * a busy machine an FFmpeg or a page takes seconds to start). For facts that send no event: a process table, a page's state.
 */
export async function waitFor<T>(
  what: string,
  look: () => T | Promise<T>,
  { every = 50, deadline = 30_000 }: WaitOptions = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const start = performance.now()
  for (;;) {
    let failure: unknown
    try {
      const value = await look()
      if (value !== undefined && value !== null && value !== false) return value as NonNullable<Exclude<T, false>>
    } catch (error) {
      failure = error
    }
    if (performance.now() - start > deadline) {
      throw new Error(`waited ${deadline} ms in vain until ${what}${await describeScene()}`, { cause: failure })
    }
    await new Promise<void>((next) => setTimeout(next, every))
  }
}
