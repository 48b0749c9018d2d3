import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HttpConnection, type Reply } from '../../../bench/capacity/HttpConnection.ts'
import { waitFor } from '../../../helpers/waitFor.ts'

let server: Server
let port: number
let peers: Socket[]
let asked: string

beforeEach(async () => {
  peers = []
  asked = ''
  server = createServer((socket) => {
    peers.push(socket)
    socket.on('data', (bytes) => {
      asked += bytes
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  port = address.port
})
afterEach(() => {
  for (const peer of peers) peer.destroy()
  server.close()
})

/** A connection, and what became of it. */
function open() {
  const broken: string[] = []
  const replies: Reply[] = []
  const connection = new HttpConnection({
    host: '127.0.0.1',
    port,
    from: '127.1.0.1',
    onBroken: (why) => broken.push(why),
  })
  const get = (path: string, wants = true) =>
    connection.get(
      path,
      () => wants,
      (reply) => replies.push(reply),
    )
  return { connection, get, broken, replies }
}

/** Sends pieces one by one, each once the one before it has left. */
async function send(...pieces: string[]): Promise<void> {
  await waitFor('the request is there', () => asked.endsWith('\r\n\r\n'))
  for (const piece of pieces) {
    await new Promise<void>((sent) => peers[0]?.write(piece, () => sent()))
    await new Promise<void>((next) => setImmediate(next))
  }
}

describe('a connection of the bench', () => {
  it('reads an answer in one piece or in many, and asks again on the same connection', async () => {
    const { connection, get, broken, replies } = open()
    get('/one')
    await send('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: "x"\r\n\r\nhello')
    await waitFor('the first answer', () => replies.length === 1)
    asked = ''
    get('/two')
    await send('HTTP/1.1 40', '4 Not Found\r\ncontent-length: 7\r', '\n\r', '\nwor', 'ld', '!!')
    await waitFor('the second answer', () => replies.length === 2)
    expect(replies.map(({ status, body }) => [status, body?.toString()])).toEqual([
      [200, 'hello'],
      [404, 'world!!'],
    ])
    expect(replies[0]?.head).toContain('ETag: "x"')
    expect(asked).toContain('GET /two HTTP/1.1\r\n')
    expect(peers).toHaveLength(1)
    expect(broken).toEqual([])
    connection.close()
  })

  it('keeps no body that nobody wants, and takes an empty one', async () => {
    const { connection, get, replies } = open()
    get('/one', false)
    await send('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc')
    await waitFor('the first answer', () => replies.length === 1)
    get('/two')
    await send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    await waitFor('the second answer', () => replies.length === 2)
    expect(replies.map(({ body }) => body?.toString() ?? null)).toEqual([null, ''])
    connection.close()
  })

  it.each([
    ['more than it announced', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc'],
    ['no length', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ])('is broken by an answer with %s', async (_, answer) => {
    const { get, broken, replies } = open()
    get('/one')
    await send(answer)
    await waitFor('it is broken', () => broken.length === 1)
    expect(replies).toEqual([])
  })

  it('says so when the server closes it, and nothing after it was closed on purpose', async () => {
    const { get, broken } = open()
    get('/one')
    await send()
    peers[0]?.destroy()
    await waitFor('it is broken', () => broken.length === 1)
    const other = open()
    other.connection.close()
    other.get('/never')
    expect(other.broken).toEqual([])
  })

  it('is broken when nobody listens', async () => {
    server.close()
    const { broken } = open()
    await waitFor('it is broken', () => broken.length === 1)
  })
})
