/** In charge of the two questions about a worker binary: does it run on this machine, and does WebRTC work with it. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { runCommand } from '../runCommand.js'

const HANDSHAKE = fileURLToPath(new URL('handshake.js', import.meta.url))
/** What a worker that was not started by mediasoup ends with (its main.cpp). */
const NOT_MY_FATHER = 41
/** Time for the check in milliseconds; handshake.js gives up by itself before. */
const LIMIT_MS = 30_000

/** Whether the binary loads with this machine's libraries: a few milliseconds, so it is asked at every start. */
export function startsHere(path) {
  return new Promise((resolve) => {
    const child = spawn(path, [], { env: {}, stdio: 'ignore' })
    child.on('error', () => resolve(false))
    child.on('exit', (code) => resolve(code === NOT_MY_FATHER))
  })
}

/** Rejects unless a WebRTC client can do ICE, DTLS and SRTP with this worker. `node` is a Node that mediasoup accepts. */
export async function checkWorker(node, path) {
  if (!(await startsHere(path))) throw new Error(`${path} does not start on this machine`)
  await runCommand(node, [HANDSHAKE, path], { timeoutMs: LIMIT_MS })
}
