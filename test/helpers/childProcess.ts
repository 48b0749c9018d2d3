/** In charge of one program of a test: its output line by line, and its real exit. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** How a child ended. */
export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

/** Lines kept of a child's output; older ones are dropped. */
const mostLines = 10_000

/** A child that runs once. `lines` holds what it wrote to stdout and stderr, `exited` resolves when it is really gone. */
export class TestProcess implements AsyncDisposable {
  readonly lines: string[] = []
  readonly exited: Promise<Exit>
  readonly #name: string
  readonly #child: ChildProcess
  #closed = false
  readonly #watchers = new Set<(line?: string) => void>()

  /** Starts the program; rejects when it cannot be started. */
  static async create(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<TestProcess> {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const started = new TestProcess(command, child)
    await once(child, 'spawn')
    return started
  }

  private constructor(name: string, child: ChildProcess) {
    this.#name = name
    this.#child = child
    this.exited = new Promise((done) => {
      child.once('close', (code, signal) => {
        this.#closed = true
        done({ code, signal })
        this.#tell()
      })
    })
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#keep(line))
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Resolves with the first result of `find` over all lines, past and future; rejects on exit or after `deadline` ms. */
  async find<T>(what: string, find: (line: string) => T | undefined, deadline = 20_000): Promise<T> {
    const watch = Promise.withResolvers<T>()
    const look = (line?: string) => {
      const found = line === undefined ? undefined : find(line)
      if (found !== undefined) watch.resolve(found)
      else if (this.#closed && line === undefined) watch.reject(this.#complain(`ended before ${what}`))
    }
    this.#watchers.add(look)
    const timer = setTimeout(() => watch.reject(this.#complain(`${deadline} ms without ${what}`)), deadline)
    try {
      for (const line of this.lines) look(line)
      look()
      return await watch.promise
    } finally {
      clearTimeout(timer)
      this.#watchers.delete(look)
    }
  }

  /** Calls back with each line, those before now included. */
  onLine(listener: (line: string) => void): void {
    for (const line of this.lines) listener(line)
    this.#watchers.add((line) => {
      if (line !== undefined) listener(line)
    })
  }

  signal(signal: NodeJS.Signals): void {
    if (this.running) this.#child.kill(signal)
  }

  /** Asks the child to end, forces it after `grace` milliseconds, and resolves when it is gone. */
  async close(signal: NodeJS.Signals = 'SIGTERM', grace = 10_000): Promise<Exit> {
    this.signal(signal)
    const timer = setTimeout(() => this.signal('SIGKILL'), grace)
    try {
      return await this.exited
    } finally {
      clearTimeout(timer)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #keep(line: string): void {
    this.lines.push(line)
    if (this.lines.length > mostLines) this.lines.splice(0, mostLines / 10)
    this.#tell(line)
  }

  /** A line, or none when the child has ended and all its output has been read. */
  #tell(line?: string): void {
    for (const watcher of this.#watchers) watcher(line)
  }

  #complain(what: string): Error {
    return new Error(`${this.#name}: ${what}; it said:\n${this.lines.slice(-30).join('\n')}`)
  }
}
