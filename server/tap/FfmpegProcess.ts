/** One FFmpeg child: starts it, hands out its bytes, stops it, and says when it is really gone. Runs once. */
import { ChildProcess, spawn as spawnProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import ffmpeg from 'fluent-ffmpeg'
import type { CancelTimer, Clock } from '../lib/clock.ts'
import { Disposer } from '../lib/Disposer.ts'
import type { FfmpegCommand } from './ffmpegArgs.ts'
import { ReadyWatch } from './ReadyWatch.ts'

/** How a child ended. `stopped` means that we asked for it, whatever its exit code (FFmpeg then answers 255). */
export interface FfmpegExit {
  readonly stopped: boolean
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Its last lines on standard error, oldest first. */
  readonly stderr: readonly string[]
}

export interface FfmpegOptions {
  /** The program. fluent-ffmpeg keeps one path for the whole process: it must always be the same. */
  readonly ffmpegPath: string
  readonly command: FfmpegCommand
  /** Line on standard error by which the child shows that it is ready; without one it is ready once spawned. */
  readonly readyLine?: RegExp
  /** Bytes of the output with that index, in order. Must not throw. */
  readonly onOutput: (output: number, chunk: Buffer) => void
  readonly clock: Clock
  /** Aborted when nobody waits any more for the child to be ready. */
  readonly signal?: AbortSignal
}

const stderrLinesKept = 20
const stderrLineLength = 300
/** FFmpeg ends at the first SIGTERM when its next packet comes; a second one interrupts the wait for a packet (ms). */
const secondTermAfterMs = 60
/** What has not gone by then is killed (ms). */
const killAfterMs = 1_500

/** fluent-ffmpeg is used here and nowhere else; it is no longer maintained upstream. */
export class FfmpegProcess {
  readonly #child: ChildProcess
  readonly #clock: Clock
  readonly #stderr: string[]
  readonly #timers: CancelTimer[] = []
  #stopping = false
  /** Resolves when the child has exited, its pipes are drained and its sockets are removed. Never rejects. */
  readonly closed: Promise<FfmpegExit>

  /** Resolves when the child is ready. @throws when it cannot be started, ends before that, or is not waited for any more. */
  static async create(options: FfmpegOptions): Promise<FfmpegProcess> {
    const disposer = new Disposer()
    try {
      const urls = await listenForOutputs(options, disposer)
      const stderr: string[] = []
      const watch = options.readyLine && new ReadyWatch(options.readyLine, options.clock)
      if (watch) disposer.add(() => watch.close())
      const child = await spawn(options, urls, (line) => {
        stderr.push(line.slice(0, stderrLineLength))
        if (stderr.length > stderrLinesKept) stderr.shift()
        watch?.hear(line)
      })
      if (child.pid !== undefined) disposer.add(guardOrphan(child.pid))
      const started = new FfmpegProcess(child, options.clock, stderr, disposer)
      if (watch) await started.#ready(watch, options.signal)
      return started
    } catch (error) {
      await disposer.close()
      throw error
    }
  }

  private constructor(child: ChildProcess, clock: Clock, stderr: string[], disposer: Disposer) {
    this.#child = child
    this.#clock = clock
    this.#stderr = stderr
    // A child that is gone breaks the pipe; `close` says so too.
    child.stdin?.on('error', () => {})
    this.closed = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        for (const cancel of this.#timers.splice(0)) cancel()
        const exit = { stopped: this.#stopping, code, signal, stderr: [...this.#stderr] }
        disposer.close().then(
          () => resolve(exit),
          () => resolve(exit),
        )
      })
    })
  }

  /** Process id, while it runs. */
  get pid(): number | undefined {
    return this.#gone ? undefined : this.#child.pid
  }

  /** Bytes written that the child has still to take. */
  get backlog(): number {
    return this.#child.stdin?.writableLength ?? 0
  }

  /** Gives it bytes on standard input, for a command that reads from there. What a child that is gone gets is lost. */
  write(chunk: Buffer): void {
    if (!this.#gone && !this.#stopping) this.#child.stdin?.write(chunk)
  }

  /**
   * Gives it all that a source has on standard input, no faster than it takes it, and then the end of it. Rejects when the
   * source fails or the child takes no more.
   */
  async feed(source: AsyncIterable<Buffer>): Promise<void> {
    const { stdin } = this.#child
    if (!stdin) throw new Error('FFmpeg has no standard input')
    await pipeline(source, stdin)
  }

  /** Asks the child to end, and makes it end; resolves with `closed`. Idempotent. */
  stop(): Promise<FfmpegExit> {
    if (this.#stopping || this.#gone) return this.closed
    this.#stopping = true
    this.#child.stdin?.end()
    this.#child.kill('SIGTERM')
    this.#timers.push(
      this.#clock.after(secondTermAfterMs, () => this.#child.kill('SIGTERM')),
      this.#clock.after(killAfterMs, () => this.#child.kill('SIGKILL')),
    )
    return this.closed
  }

  get #gone(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  async #ready(watch: ReadyWatch, signal: AbortSignal | undefined): Promise<void> {
    const stop = () => void this.stop()
    signal?.addEventListener('abort', stop)
    if (signal?.aborted) stop()
    const exit = await Promise.race([watch.ready, this.closed])
    signal?.removeEventListener('abort', stop)
    if (exit) throw new Error(`FFmpeg ended before it was ready: ${describeExit(exit)}`)
  }
}

/**
 * Lets fluent-ffmpeg ask the program once for its formats and encoders, which it would do before the first child.
 * @throws when the program cannot be run.
 */
export async function prepareFfmpeg(ffmpegPath: string): Promise<void> {
  const command = ffmpeg().setFfmpegPath(ffmpegPath)
  const answered = (resolve: () => void, reject: (error: Error) => void) => (error: Error | null) =>
    error ? reject(new Error(`${ffmpegPath} cannot be run: ${error.message}`)) : resolve()
  await new Promise<void>((resolve, reject) => command.getAvailableFormats(answered(resolve, reject)))
  await new Promise<void>((resolve, reject) => command.getAvailableEncoders(answered(resolve, reject)))
}

/** One line for logs: how it ended, and the last thing it complained of (with `-loglevel level+…`), or said. */
export function describeExit({ code, signal, stderr }: FfmpegExit): string {
  const how = signal === null ? `exit code ${code}` : signal
  // Some of its messages begin or end with a line of nothing.
  const last = stderr.findLast((line) => /\[(error|fatal|panic)\]\s*\S/.test(line)) ?? stderr.at(-1)
  return last === undefined ? how : `${how}: ${last}`
}

/** The first output is standard output; each further one gets a socket of its own. Returns their URLs. */
async function listenForOutputs({ command, onOutput }: FfmpegOptions, disposer: Disposer): Promise<string[]> {
  const urls: string[] = []
  for (let index = 1; index < command.outputs.length; index++) {
    const path = await listen((chunk) => onOutput(index, chunk), disposer)
    urls.push(`unix:${path}`)
  }
  return urls
}

/**
 * Listens in a folder that only this user can enter, for one connection; folder and socket go once that has come, so
 * that a server which is killed leaves none behind.
 */
async function listen(onChunk: (chunk: Buffer) => void, disposer: Disposer): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nearcast-tap-'))
  const removeFolder = () => rm(folder, { recursive: true, force: true })
  disposer.add(removeFolder)
  const path = join(folder, 'output.sock')
  const server = createServer((socket) => {
    server.close()
    removeFolder().catch(() => {})
    socket.on('data', onChunk)
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  disposer.add(() => new Promise((resolve) => server.close(() => resolve())))
  return path
}

/** Resolves with the running child. `start` comes late the first time, since fluent-ffmpeg asks for formats before. */
function spawn(options: FfmpegOptions, urls: string[], onStderr: (line: string) => void): Promise<ChildProcess> {
  const { command, ffmpegPath, onOutput } = options
  const run = ffmpeg({ stdoutLines: stderrLinesKept })
    .setFfmpegPath(ffmpegPath)
    .input(command.input.url)
    .inputOptions(...command.input.options)
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      onOutput(0, chunk)
      done()
    },
  })
  for (const [index, outputOptions] of command.outputs.entries()) {
    const url = urls[index - 1]
    if (url === undefined) run.output(command.file ?? stdout)
    else run.output(url)
    run.outputOptions(...outputOptions)
  }
  return new Promise((resolve, reject) => {
    run.on('stderr', onStderr)
    // Also comes at the end of a run that was stopped on purpose; `close` of the child is what counts then.
    run.on('error', (error: Error) => reject(new Error(`FFmpeg could not be started: ${error.message}`)))
    run.on('start', () => {
      const child: unknown = Reflect.get(run, 'ffmpegProc')
      if (!(child instanceof ChildProcess)) return reject(new Error('fluent-ffmpeg gave no child process'))
      // fluent-ffmpeg's own listener throws at an error of the spawning, which would take the server down.
      child.removeAllListeners('error')
      child.on('error', (error) => reject(new Error(`FFmpeg could not be started: ${error.message}`)))
      if (child.pid !== undefined) resolve(child)
    })
    run.run()
  })
}

/**
 * A server that is killed takes nobody along, and an FFmpeg that waits for packets would wait for ever and keep its ports:
 * a shell whose standard input ends with us kills it then. Call what is returned when the child is gone; a pid must not
 * be killed after that.
 */
function guardOrphan(pid: number): () => Promise<void> {
  const script = `read -r _ || kill -KILL ${pid}`
  // Detached: Ctrl+C in a terminal must not take the guard before what it guards.
  const guard = spawnProcess('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  const gone = new Promise<void>((resolve) => {
    guard.once('close', () => resolve())
    // Without a guard the child does its work all the same.
    guard.once('error', () => resolve())
  })
  guard.stdin.on('error', () => {})
  return () => {
    guard.stdin.end('gone\n')
    return gone
  }
}
