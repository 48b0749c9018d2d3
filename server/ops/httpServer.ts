/** The HTTP or HTTPS server itself: made with limits, bound to its address, closed with every connection. */
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Listener } from '../web.ts'
import { type ConnectionRefusal, type HttpLimits, hardenServer, httpServerOptions } from './hardenServer.ts'

export interface HttpServerOptions {
  /** PEM files; HTTPS when both are there. */
  tlsCert: string | null
  tlsKey: string | null
  limits: HttpLimits
  listener: Listener
  onRefused(why: ConnectionRefusal): void
}

export async function createHttpServer({ tlsCert, tlsKey, ...rest }: HttpServerOptions): Promise<Server> {
  const options = httpServerOptions(rest.limits)
  const server =
    tlsCert === null || tlsKey === null
      ? createServer(options, rest.listener)
      : createTlsServer({ ...options, cert: await readFile(tlsCert), key: await readFile(tlsKey) }, rest.listener)
  hardenServer(server, rest.limits, rest.onRefused)
  return server
}

/** Resolves with the port; a machine without IPv6 gets `0.0.0.0` for `::`. Rejects when the port is taken. */
export async function listen(server: Server, port: number, host: string): Promise<number> {
  try {
    return await bind(server, port, host)
  } catch (error) {
    const noIpv6 = error instanceof Error && 'code' in error && error.code === 'EAFNOSUPPORT'
    if (!noIpv6 || host !== '::') throw error
    return bind(server, port, '0.0.0.0')
  }
}

/** Resolves when the port is free and every connection gone. */
export async function closeHttpServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await closed
}

function bind(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host }, () => {
      server.off('error', reject)
      // Listening on a port, not a pipe: the address has one.
      resolve((server.address() as AddressInfo).port)
    })
  })
}
