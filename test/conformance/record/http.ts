/** In charge of single requests of the strict client: what was sent and what came back, with times. Follows no redirects. */
import { createHash } from 'node:crypto'
import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { gunzipSync } from 'node:zlib'

/** One request and its answer. Times are `performance.now()` in milliseconds. */
export interface Exchange {
  readonly url: string
  readonly method: string
  readonly requestHeaders: Readonly<Record<string, string>>
  /** 0 when no answer came; `error` says why. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly sentAt: number
  /** First byte of the body, or the end where there is none. */
  readonly bodyAt: number
  readonly endedAt: number
  /** Bytes of the body, after decoding. */
  readonly size: number
  readonly error: string | null
}

export interface Answer {
  readonly exchange: Exchange
  /** Decoded. */
  readonly body: Buffer
}

export interface RequestOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Milliseconds until the request counts as unanswered; 30 000 by default. */
  readonly timeout?: number
  readonly signal?: AbortSignal
}

/** Longest body that is read, in bytes: far above any segment of a few seconds. */
const MOST_BYTES = 64 * 1024 * 1024

/** Keeps connections of one recording. */
export class HttpClient {
  readonly #http = new HttpAgent({ keepAlive: true, maxSockets: 64 })
  readonly #https = new HttpsAgent({ keepAlive: true, maxSockets: 64 })

  /** Never rejects: what goes wrong is in the exchange. */
  send(url: string, options: RequestOptions = {}): Promise<Answer> {
    const { method = 'GET', headers = {}, timeout = 30_000 } = options
    const sentAt = performance.now()
    const limit = AbortSignal.timeout(timeout)
    const signal = options.signal ? AbortSignal.any([limit, options.signal]) : limit
    const finish = (part: Partial<Exchange>, body: Buffer): Answer => {
      const endedAt = performance.now()
      const base = { url, method, requestHeaders: headers, status: 0, headers: {}, sentAt, bodyAt: endedAt, endedAt }
      return { exchange: { ...base, size: body.byteLength, error: null, ...part }, body }
    }
    return new Promise((resolve) => {
      const fail = (error: Error) => resolve(finish({ error: reason(error) }, Buffer.alloc(0)))
      let sent: ClientRequest
      try {
        const secure = new URL(url).protocol === 'https:'
        const given = { method, headers, signal, agent: secure ? this.#https : this.#http }
        sent = secure ? httpsRequest(url, given) : httpRequest(url, given)
      } catch (error) {
        fail(error instanceof Error ? error : new Error(String(error)))
        return
      }
      sent.on('error', (error) => {
        // The server may close a kept connection just then; no answer is lost with it (node:http, request.reusedSocket).
        if (sent.reusedSocket && reason(error) === 'ECONNRESET') resolve(this.send(url, options))
        else fail(error)
      })
      sent.on('response', (response) => {
        read(response).then(({ body, bodyAt }) => {
          const facts = { status: response.statusCode ?? 0, headers: flatten(response), bodyAt }
          const decoded = response.headers['content-encoding'] === 'gzip' && body.length > 0 ? gunzipSync(body) : body
          resolve(finish(facts, decoded))
        }, fail)
      })
      sent.end()
    })
  }

  close(): void {
    this.#http.destroy()
    this.#https.destroy()
  }
}

/** Tells files apart without keeping them. */
export function fingerprint(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64url')
}

/** Seconds of `max-age` in a Cache-Control header; null without one. */
export function maxAge(headers: Readonly<Record<string, string>>): number | null {
  const age = /(?:^|[,\s])max-age=(\d+)/.exec(headers['cache-control'] ?? '')?.[1]
  return age === undefined ? null : Number(age)
}

async function read(response: IncomingMessage): Promise<{ body: Buffer; bodyAt: number }> {
  const chunks: Buffer[] = []
  let size = 0
  let bodyAt: number | null = null
  for await (const chunk of response) {
    bodyAt ??= performance.now()
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > MOST_BYTES) throw new Error(`more than ${MOST_BYTES} bytes`)
    chunks.push(bytes)
  }
  return { body: Buffer.concat(chunks), bodyAt: bodyAt ?? performance.now() }
}

function flatten(response: IncomingMessage): Record<string, string> {
  const entries = Object.entries(response.headers).map(([name, value]) => [name, [value].flat().join(', ')])
  return Object.fromEntries(entries)
}

function reason(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message || error.name
}
