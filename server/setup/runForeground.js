/** In charge of the program that set-up was for: it gets the terminal, every signal once, and its exit code is ours. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { ROOT } from './paths.js'

/**
 * Ctrl-C reaches this process up to three times: from the terminal, from npm, and from npm's shell. Signals of one kind
 * within this time, in milliseconds, count as one, since a second one makes the server stop at once.
 */
const ONE_SIGNAL_MS = 300
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Runs the program in a session of its own, so that the terminal's signals come only through here, and resolves with
 * its exit code (128 + number when a signal ended it). `env` is its whole environment.
 */
export function runForeground(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, env, stdio: 'inherit', detached: true })
    const last = new Map()
    const forward = (signal) => {
      const now = performance.now()
      if (now - (last.get(signal) ?? Number.NEGATIVE_INFINITY) < ONE_SIGNAL_MS) return
      last.set(signal, now)
      child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal)
    }
    for (const signal of SIGNALS) process.on(signal, forward)
    const settle = () => {
      for (const signal of SIGNALS) process.off(signal, forward)
    }
    child.on('error', (error) => {
      settle()
      reject(error)
    })
    child.on('exit', (code, signal) => {
      settle()
      resolve(code ?? 128 + constants.signals[signal])
    })
  })
}
