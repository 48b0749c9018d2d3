import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import {
  type ConnectionRefusal,
  defaultHttpLimits,
  type HttpLimits,
  hardenServer,
  httpServerOptions,
} from '../../../server/ops/hardenServer.ts'
import { exchange, startHttpServer } from '../../helpers/httpServer.ts'
import { waitFor } from '../../helpers/waitFor.ts'

async function start(changes: Partial<HttpLimits> = {}) {
  const limits = { ...defaultHttpLimits, ...changes }
  const refusals: ConnectionRefusal[] = []
  const http = await startHttpServer((req, res) => {
    if (req.url !== '/held') req.resume().once('end', () => res.end('fine'))
  }, httpServerOptions(limits))
  hardenServer(http.server, limits, (why) => refusals.push(why))
  return { ...http, refusals, [Symbol.asyncDispose]: http[Symbol.asyncDispose] }
}

describe('a hardened server', () => {
  it.each([
    ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['nonsense', 'HELLO\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a null byte in a header', 'GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n'],
  ])('answers %s with 400 in JSON and closes', async (_what, bytes) => {
    await using server = await start()
    const answer = await exchange(server.port, Buffer.from(bytes, 'latin1'))
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n.*"code":"bad-request"/s)
    expect(server.refusals).toEqual(['malformed'])
  })

  it('answers headers that are too large with 431', async () => {
    await using server = await start({ maxHeaderSize: 4096 })
    expect(await exchange(server.port, `GET / HTTP/1.1\r\nHost: x\r\nA: ${'b'.repeat(8192)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    )
    expect(server.refusals).toEqual(['headers-too-large'])
  })

  it('tells a listener that a request without a body ended, and that its client went', async () => {
    const told: string[] = []
    const limits = defaultHttpLimits
    await using http = await startHttpServer((req) => {
      for (const name of ['end', 'close']) req.on(name, () => told.push(name))
    }, httpServerOptions(limits))
    hardenServer(http.server, limits)
    const socket = connect(http.port, '127.0.0.1').on('error', () => {})
    socket.write('GET /socket.io/?transport=polling HTTP/1.1\r\nHost: x\r\n\r\n')
    await waitFor('it is told the end', () => told.length > 0)
    expect(told).toEqual(['end'])
    socket.destroy()
    await waitFor('it is told that the client went', () => told.length > 1)
    expect(told).toEqual(['end', 'close'])
  })

  it('closes a connection whose headers do not end in time', async () => {
    await using server = await start({ headersTimeout: 200 })
    expect(await exchange(server.port, 'GET / HTTP/1.1\r\nHost: x\r\n')).toMatch(/^HTTP\/1\.1 408 /)
    expect(server.refusals).toEqual(['too-slow'])
  })

  it('closes a connection whose headers trickle in one by one', async () => {
    await using server = await start({ headersTimeout: 300 })
    const socket = connect(server.port, '127.0.0.1').on('error', () => {})
    const closed = new Promise<void>((done) => socket.once('close', () => done()))
    const trickle = setInterval(() => socket.write('A: b\r\n'), 50)
    socket.resume().write('GET / HTTP/1.1\r\nHost: x\r\n')
    await closed
    clearInterval(trickle)
    expect(server.refusals).toContain('too-slow')
  })

  it('closes a connection that stops in the middle of a body', async () => {
    await using server = await start({ headersTimeout: 200, requestTimeout: 300 })
    const answer = await exchange(server.port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf')
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('closes a connection that never says anything, and one that nothing is heard on any more', async () => {
    await using server = await start({ headersTimeout: 200, idleTimeout: 300 })
    await exchange(server.port, '')
    await exchange(server.port, 'GET /held HTTP/1.1\r\nHost: x\r\n\r\n')
    await waitFor('both connections are gone', () => connections(server.server).then((count) => count === 0))
  })

  it('goes on serving while it refuses', async () => {
    await using server = await start({ headersTimeout: 5_000 })
    const halves = Array.from({ length: 50 }, () => connect(server.port, '127.0.0.1').on('error', () => {}))
    for (const half of halves) half.write('GET / HTTP/1.1\r\nHo')
    expect(await (await fetch(server.url)).text()).toBe('fine')
    for (const half of halves) half.destroy()
  })

  it('takes a bounded number of connections from one address, and forgets those that closed', async () => {
    await using server = await start({ maxConnectionsPerAddress: 3 })
    const open = Array.from({ length: 3 }, () => connect(server.port, '127.0.0.1').on('error', () => {}))
    await waitFor('three are open', () => connections(server.server).then((count) => count === 3))
    expect(await exchange(server.port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('')
    expect(server.refusals).toEqual(['too-many-of-address'])
    for (const socket of open) socket.destroy()
    await waitFor('there is room again', () => fetch(server.url).then((answer) => answer.ok))
  })

  it('takes a bounded number of connections in all', async () => {
    await using server = await start({ maxConnections: 2 })
    const open = Array.from({ length: 2 }, () => connect(server.port, '127.0.0.1').on('error', () => {}))
    await waitFor('two are open', () => connections(server.server).then((count) => count === 2))
    expect(await exchange(server.port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('')
    expect(server.refusals).toEqual(['too-many'])
    for (const socket of open) socket.destroy()
  })
})

function connections(server: import('node:http').Server): Promise<number> {
  return new Promise((done, failed) => server.getConnections((error, count) => (error ? failed(error) : done(count))))
}
