/** Facts that go up, in a browser: a typed event emitter for our own nouns, without DOM and without Node. */

/** Maps an event name to its argument tuple. */
export type EventMap = Record<string, unknown[]>

/** Listeners run synchronously in the order they were added; one added twice runs once. */
export class Emitter<Events extends EventMap> {
  readonly #listeners = new Map<keyof Events, Set<(...args: unknown[]) => void>>()

  /** Adds a listener and returns the function that removes it. */
  on<Name extends keyof Events & string>(name: Name, listener: (...args: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners.add(listener as (...args: unknown[]) => void))
    return () => listeners.delete(listener as (...args: unknown[]) => void)
  }

  protected emit<Name extends keyof Events & string>(name: Name, ...args: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(...args)
  }

  protected removeAllListeners(): void {
    this.#listeners.clear()
  }
}
