/** Closes what was opened, in reverse order: for `create()` functions that fail half way and for owners that close. */

type Step = () => void | Promise<void>

/** A stack of closing steps. Each runs once; a step that throws does not keep the others from running. */
export class Disposer {
  readonly #steps: Step[] = []

  /** Remembers how to close something just opened. */
  add(step: Step): void {
    this.#steps.push(step)
  }

  /** Runs all steps, newest first; rejects with an AggregateError of what failed after all have run. */
  async close(): Promise<void> {
    const failures: unknown[] = []
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'closing failed')
  }
}
