/** In charge of refusing an upgrade: the answer is HTTP, on a connection that Node has let go of. */
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { NearcastError } from '../../shared/errors.ts'

/** Answers with the error as JSON and closes the connection, whether the other side reads or not. */
export function refuseUpgrade(socket: Duplex, error: NearcastError): void {
  // A reset is one of the ways in which they go.
  socket.on('error', () => socket.destroy())
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const body = JSON.stringify({ error: error.body })
  socket.end(
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}\r\nConnection: close\r\n` +
      'Content-Type: application/json; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}
