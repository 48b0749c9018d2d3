/** In charge of an HTTP server of a test: on loopback, on a free port, and really gone at the end. */
import { once } from 'node:events'
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { connect } from 'node:net'

/** A listening server. */
export interface TestHttpServer extends AsyncDisposable {
  readonly server: Server
  readonly port: number
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string
}

/** Listens with a request listener (an Express application is one). */
export async function startHttpServer(listener: RequestListener, options: ServerOptions = {}): Promise<TestHttpServer> {
  const server = createServer(options, listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  return {
    server,
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      if (server.listening) await once(server, 'close')
    },
  }
}

/** Writes bytes to a bare socket and resolves with all that came back when the other side closed it. */
export async function exchange(port: number, bytes: string | Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.setEncoding('latin1').on('data', (text: string) => {
    answer += text
  })
  // A reset is one of the ways in which a server closes.
  socket.on('error', () => {})
  const closed = new Promise<void>((done) => socket.once('close', () => done()))
  socket.write(bytes)
  await closed
  return answer
}
