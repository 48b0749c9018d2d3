/** In charge of running a program during set-up: its output line by line, a bounded tail of it kept for the report. */
import { spawn } from 'node:child_process'
import { basename } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** Lines of output kept for the report of a failure. */
const TAIL_LINES = 40
/** Longest line kept, in characters. */
const LINE_LENGTH = 400

/** Children under way, so that an interrupted set-up leaves none behind. */
const running = new Set()

/** A program that could not be started, was stopped or ended with a code other than 0. */
export class CommandError extends Error {
  constructor(command, reason, tail) {
    super(`${basename(command)} ${reason}`)
    this.name = 'CommandError'
    this.tail = tail
  }

  /** The reason with the last lines that the program printed. */
  get why() {
    return [this.message, ...this.tail].join('\n')
  }
}

/** Runs `onLine` for each line of a stream; carriage returns (progress bars) end a line too. */
function readLines(stream, onLine) {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text) => {
    const lines = (rest + text).split(/[\r\n]+/)
    rest = lines.pop().slice(-LINE_LENGTH)
    for (const line of lines) if (line) onLine(stripVTControlCharacters(line).slice(0, LINE_LENGTH))
  })
  stream.on('end', () => rest && onLine(rest))
}

/**
 * Runs a program without a shell and resolves with what it printed on stdout (at most 1 MiB) when it ended with code 0.
 * Rejects with a CommandError otherwise, also when it ran longer than `timeoutMs`.
 */
export function runCommand(command, args, { onLine = () => {}, timeoutMs, cwd, env } = {}) {
  return new Promise((resolve, reject) => {
    const tail = []
    let output = ''
    let timedOut = false
    const child = spawn(command, args, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] })
    running.add(child)
    const timer =
      timeoutMs &&
      setTimeout(() => {
        timedOut = true
        child.kill('SIGKILL')
      }, timeoutMs)
    const keep = (line) => {
      tail.push(line)
      if (tail.length > TAIL_LINES) tail.shift()
      onLine(line)
    }
    readLines(child.stdout, (line) => {
      if (output.length < 1 << 20) output += `${line}\n`
      keep(line)
    })
    readLines(child.stderr, keep)
    const settle = (error) => {
      clearTimeout(timer)
      running.delete(child)
      if (error) reject(error)
      else resolve(output)
    }
    child.on('error', (error) => settle(new CommandError(command, `could not be started: ${error.message}`, tail)))
    child.on('close', (code, signal) => {
      if (code === 0) return settle()
      const reason = timedOut
        ? `took longer than ${timeoutMs / 1000} s`
        : signal
          ? `was ended by ${signal}`
          : `ended with code ${code}`
      settle(new CommandError(command, reason, tail))
    })
  })
}

/** Asks every program under way to end: for the signal handler of an interrupted set-up. */
export function stopCommands(signal) {
  for (const child of running) child.kill(signal)
}
