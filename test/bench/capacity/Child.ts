/** In charge of one process of the capacity bench: started on a core of its own, spoken with, and really gone at the end. */
import { type ChildProcess, execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { findProgram } from '../../../server/setup/Machine.js'

export interface ChildOptions {
  /** Arguments for its Node. */
  readonly nodeArguments?: readonly string[]
  readonly signal: AbortSignal
}

/** What a child says has a kind. */
interface Message {
  readonly kind: string
}

/** Milliseconds for a child to close what it has once it was told. */
const CLOSE_DEADLINE_MS = 10_000

const taskset = findProgram(['taskset'])

/** Whether processes can be kept to a core here. */
export const canPin = taskset !== undefined

/** Keeps a process, all its threads and what they start from now on, to one core, where that can be done. */
export async function pin(pid: number, core: number): Promise<void> {
  if (taskset !== undefined) await promisify(execFile)(taskset, ['-a', '-c', '-p', `${core}`, `${pid}`])
}

export class Child<Told extends Message> implements AsyncDisposable {
  readonly pid: number
  readonly #process: ChildProcess
  readonly #exited: Promise<unknown>
  readonly #signal: AbortSignal

  /** Runs a module of ours, with a task as its only argument. */
  static start<Told extends Message>(module: URL, task: object, { nodeArguments = [], signal }: ChildOptions) {
    signal.throwIfAborted()
    const process = fork(module, [JSON.stringify(task)], { execArgv: [...nodeArguments] })
    return new Child<Told>(process, signal)
  }

  private constructor(process: ChildProcess, signal: AbortSignal) {
    this.pid = process.pid ?? 0
    this.#process = process
    this.#signal = signal
    this.#exited = once(process, 'exit')
  }

  /** Calls back with all that it says. */
  onTold(listener: (told: Told) => void): void {
    this.#process.on('message', listener)
  }

  /** The next thing of a kind that it says; rejects when it ends before. */
  told<Kind extends Told['kind']>(kind: Kind): Promise<Extract<Told, { kind: Kind }>> {
    return new Promise((resolve, reject) => {
      const done = () => {
        this.#process.off('message', onMessage)
        this.#process.off('exit', onExit)
        this.#signal.removeEventListener('abort', onAbort)
      }
      const onMessage = (message: Message) => {
        if (message.kind !== kind) return
        done()
        resolve(message as Extract<Told, { kind: Kind }>)
      }
      const onExit = (code: number | null) => {
        done()
        reject(new Error(`a process of the bench ended with ${code}`))
      }
      const onAbort = () => {
        done()
        reject(this.#signal.reason)
      }
      this.#process.on('message', onMessage)
      this.#process.on('exit', onExit)
      this.#signal.addEventListener('abort', onAbort)
    })
  }

  tell(order: string): void {
    this.#process.send(order)
  }

  /** Resolves when it is gone. It closes by itself once nobody listens to it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.connected) this.#process.disconnect()
    const late = setTimeout(() => this.#process.kill('SIGKILL'), CLOSE_DEADLINE_MS)
    await this.#exited
    clearTimeout(late)
  }
}
