/** In charge of an empty page on localhost, a secure context in which tests of the test bench itself run. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server of one empty page. */
export interface BlankPage extends AsyncDisposable {
  readonly port: number
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves the page on a free port of all interfaces, so that network namespaces reach it as well; and `files` by their
 * paths (`/a.mp4`) beside it.
 */
export async function serveBlankPage(files: Record<string, Uint8Array> = {}): Promise<BlankPage> {
  const server = createServer((request, answer) => {
    const file = files[request.url ?? '']
    if (file) {
      answer.end(file)
      return
    }
    answer.setHeader('content-type', 'text/html')
    answer.end(`<!doctype html><meta charset="utf-8"><title>test</title>`)
  })
  server.listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async () => {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  return { port, url: `http://127.0.0.1:${port}/`, close, [Symbol.asyncDispose]: close }
}
