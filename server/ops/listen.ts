/** Binds a server to its address. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

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
