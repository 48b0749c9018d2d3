/** One writer a noun, in a browser: runs asynchronous tasks one after the other. */

/** Tasks run in the order they were pushed; one that fails rejects its own promise and blocks no other. */
export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve()
  #closed = false

  /** Runs the task after all earlier ones; rejects when the queue is closed before its turn. */
  push<T>(task: () => T | Promise<T>): Promise<T> {
    const run = this.#tail.then(() => {
      if (this.#closed) throw new Error('queue closed')
      return task()
    })
    this.#tail = run.catch(() => {})
    return run
  }

  /** Refuses what has not begun. */
  close(): void {
    this.#closed = true
  }
}
