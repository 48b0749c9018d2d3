/** Facts that go up: an event emitter whose events and arguments are typed, for our own nouns. */
import { EventEmitter } from 'node:events'

/** Maps an event name to its argument tuple. */
export type EventMap = Record<string, unknown[]>

/** A small typed face over Node's emitter; listeners run synchronously in the order they were added. */
export class TypedEmitter<Events extends EventMap> {
  // No bound on listeners: a broadcast has as many as it has viewers.
  readonly #emitter = new EventEmitter().setMaxListeners(0)

  /** Adds a listener and returns the function that removes it. */
  on<Name extends keyof Events & string>(name: Name, listener: (...args: Events[Name]) => void): () => void {
    this.#emitter.on(name, listener as (...args: unknown[]) => void)
    return () => this.off(name, listener)
  }

  /** Adds a listener for the next occurrence only and returns the function that removes it. */
  once<Name extends keyof Events & string>(name: Name, listener: (...args: Events[Name]) => void): () => void {
    this.#emitter.once(name, listener as (...args: unknown[]) => void)
    return () => this.off(name, listener)
  }

  off<Name extends keyof Events & string>(name: Name, listener: (...args: Events[Name]) => void): void {
    this.#emitter.off(name, listener as (...args: unknown[]) => void)
  }

  /** How many listeners an event has; tests use it to show that nothing was left behind. */
  listenerCount(name: keyof Events & string): number {
    return this.#emitter.listenerCount(name)
  }

  protected emit<Name extends keyof Events & string>(name: Name, ...args: Events[Name]): void {
    this.#emitter.emit(name, ...args)
  }

  protected removeAllListeners(): void {
    this.#emitter.removeAllListeners()
  }
}
