/** In charge of a synthetic LL-HLS origin, correct but for the faults that a test switches on. Real HTTP, media of a few bytes. */
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { startHttpServer, type TestHttpServer } from '../httpServer.ts'
import {
  iFrames,
  type Moment,
  media,
  multivariant,
  renditionIds,
  TARGET,
  type WindowSettings,
  windowOf,
} from './playlists.ts'
import { initOf, PART, PARTS, partsAfter, partsOf, type RenditionId, type ShowFaults } from './Show.ts'

/** What an answer is about. */
export interface Asked {
  /** `index`, `v0`, `v1`, `audio`, `iframes`, or the path of a file. */
  readonly name: string
  readonly kind: 'multivariant' | 'playlist' | 'blocking' | 'delta' | 'segment' | 'part' | 'init' | 'other'
  readonly tick: number
  /** Counts the requests of all kinds. */
  readonly count: number
}

export interface Fault {
  readonly show?: ShowFaults
  readonly window?: WindowSettings
  /** Rewrites a playlist. */
  readonly playlist?: (text: string, asked: Asked) => string
  /** Rewrites a file. */
  readonly file?: (bytes: Buffer, asked: Asked) => Buffer
  /** Other headers; an empty value takes one away. */
  readonly headers?: (asked: Asked, status: number) => Readonly<Record<string, string>>
  /** Another status for what would be answered by this one. */
  readonly status?: (asked: Asked, status: number) => number
  /** Milliseconds for which an answer is kept back. */
  readonly delay?: (asked: Asked, status: number) => number
  /** Blocking reloads and hints are answered at once. */
  readonly impatient?: boolean
  /** Nothing is refused. */
  readonly lenient?: boolean
  /** A held part's first bytes come early. */
  readonly trickle?: boolean
  /** Parts are gone once no playlist lists them. */
  readonly forgetful?: boolean
  /** Accept-Encoding, If-None-Match and Range mean nothing. */
  readonly deaf?: boolean
  /** No more comes after this many parts from the start; with or without an end. */
  readonly stop?: { readonly after: number; readonly ended: boolean; readonly wait?: number }
}

/** How many parts there are at the start. */
const AGE = 20 * PARTS
/** Milliseconds by which the rest of a trickled part is late. */
const TRICKLE = 150
/** Most parts that a request may be ahead: 8216bis 6.2.5.2. */
const ADVANCE = 3 / PART

export class Origin implements AsyncDisposable {
  readonly #fault: Fault
  readonly #start = performance.now()
  readonly #epoch = Date.now() - AGE * PART * 1000
  #count = 0
  #server: TestHttpServer | null = null

  static async create(fault: Fault = {}): Promise<Origin> {
    const origin = new Origin(fault)
    origin.#server = await startHttpServer((req, res) => void origin.#answer(req, res).catch(() => res.destroy()))
    return origin
  }

  private constructor(fault: Fault) {
    this.#fault = fault
  }

  get url(): string {
    return `${this.#server?.url}/index.m3u8`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]()
  }

  get #tick(): number {
    const { stop } = this.#fault
    const passed = Math.floor((performance.now() - this.#start) / 1000 / PART)
    return AGE + Math.min(passed, stop?.after ?? Number.POSITIVE_INFINITY)
  }

  get #moment(): Moment {
    const { stop } = this.#fault
    const ended = stop?.ended === true && this.#tick >= AGE + stop.after
    return { tick: this.#tick, ended, epoch: this.#epoch }
  }

  async #answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', 'http://origin')
    const path = url.pathname.slice(1)
    const base = { name: path.replace(/\.m3u8$/, ''), tick: this.#tick, count: this.#count++ }
    if (req.method === 'OPTIONS') return this.#send(req, res, { ...base, kind: 'other' }, 204, Buffer.alloc(0))
    if (path === 'index.m3u8') return this.#playlist(req, res, { ...base, kind: 'multivariant' }, multivariant)
    const settings = this.#fault.window ?? {}
    if (path === 'iframes.m3u8')
      return this.#playlist(req, res, { ...base, kind: 'playlist' }, () => iFrames(this.#moment, settings))
    const id = renditionIds.find((one) => path === `${one}.m3u8`)
    if (id) return this.#media(req, res, url.searchParams, id, base)
    return this.#file(req, res, path, base)
  }

  async #media(
    req: IncomingMessage,
    res: ServerResponse,
    query: URLSearchParams,
    id: RenditionId,
    base: Omit<Asked, 'kind'>,
  ): Promise<void> {
    const [msn, part] = [query.get('_HLS_msn'), query.get('_HLS_part')]
    const skip = query.get('_HLS_skip') === 'YES'
    const asked: Asked = { ...base, kind: skip ? 'delta' : msn === null ? 'playlist' : 'blocking' }
    if (!this.#moment.ended && !this.#fault.lenient && !isAllowed(msn, part, this.#moment)) {
      return this.#send(req, res, asked, 400, Buffer.alloc(0))
    }
    const waits = msn !== null && /^\d+$/.test(msn) && !this.#fault.impatient
    const there = !waits || (await this.#until(id, Number(msn), part === null ? null : Number(part)))
    // An answer without what was asked for is as short-lived as a plain one.
    return this.#playlist(req, res, there ? asked : { ...asked, kind: 'playlist' }, () =>
      media(id, this.#moment, this.#fault.window ?? {}, skip),
    )
  }

  /** Resolves with true when a segment or a part of it is there, with false after three target durations. */
  async #until(id: RenditionId, msn: number, part: number | null): Promise<boolean> {
    const limit = performance.now() + (this.#fault.stop?.wait ?? 3 * TARGET * 1000)
    const there = () => {
      const { end, steps } = windowOf(this.#moment, {})
      const past = part !== null && part >= partsOf(id, msn).length
      if (this.#moment.ended || msn < end - (past ? 1 : 0)) return true
      if (past) return end > msn && (end > msn + 1 || steps > 0)
      return msn < end || (msn === end && part !== null && part < partsAfter(id, end, steps))
    }
    while (!there() && performance.now() < limit) await pause(this.#toNextTick())
    return there()
  }

  async #file(req: IncomingMessage, res: ServerResponse, path: string, base: Omit<Asked, 'kind'>): Promise<void> {
    const [, name = '', file = ''] = /^(v0|v1|audio)\/(.+)$/.exec(path) ?? []
    const id = renditionIds.find((one) => one === name)
    const [, segment, part] = /^(\d+)(?:\.(\d+))?\.m4s$/.exec(file) ?? []
    if (id && /^init[01]\.mp4$/.test(file)) return this.#send(req, res, { ...base, kind: 'init' }, 200, initOf(id))
    const kind = part === undefined ? 'segment' : 'part'
    const gone = () => this.#send(req, res, { ...base, kind }, 404, Buffer.alloc(0))
    if (!id || segment === undefined) return gone()
    const parts = partsOf(id, Number(segment), this.#fault.show)
    const { end, steps } = windowOf(this.#moment, {})
    if (part === undefined) {
      const bytes = Buffer.concat(parts.map((one) => one.bytes))
      return Number(segment) < end ? this.#send(req, res, { ...base, kind }, 200, bytes) : gone()
    }
    const bytes = parts[Number(part)]?.bytes
    const hinted = Number(segment) === end && Number(part) === partsAfter(id, end, steps)
    const there = Number(segment) < end || (Number(segment) === end && Number(part) < partsAfter(id, end, steps))
    const old = this.#fault.forgetful && (end - Number(segment)) * PARTS * PART > 3
    if (!bytes || old || (!there && (!hinted || this.#moment.ended))) return gone()
    if (hinted && this.#fault.impatient) return gone()
    if (hinted && this.#fault.trickle) {
      res.writeHead(200, {
        ...this.#common({ ...base, kind }, 200),
        'content-type': 'video/mp4',
        'cache-control': 'max-age=86400',
      })
      res.write(bytes.subarray(0, 8))
    }
    if (hinted) await pause(this.#toNextTick())
    if (hinted && this.#fault.trickle) {
      await pause(TRICKLE)
      res.end(bytes.subarray(8))
      return
    }
    return this.#send(req, res, { ...base, kind }, 200, bytes)
  }

  #toNextTick(): number {
    const passed = performance.now() - this.#start
    return Math.ceil(PART * 1000 - (passed % (PART * 1000))) + 1
  }

  #playlist(req: IncomingMessage, res: ServerResponse, asked: Asked, render: () => string): Promise<void> {
    const text = this.#fault.playlist?.(render(), asked) ?? render()
    return this.#send(req, res, asked, 200, Buffer.from(text))
  }

  async #send(req: IncomingMessage, res: ServerResponse, asked: Asked, wanted: number, whole: Buffer): Promise<void> {
    const isPlaylist = /multivariant|playlist|blocking|delta/.test(asked.kind)
    let status = wanted
    let body = isPlaylist ? whole : (this.#fault.file?.(whole, asked) ?? whole)
    const headers: Record<string, string> = { ...this.#common(asked, status) }
    const deaf = this.#fault.deaf === true
    if (status === 200) {
      headers.etag = `"${createHash('sha256').update(body).digest('base64url')}"`
      headers['content-type'] = isPlaylist ? 'application/vnd.apple.mpegurl' : 'video/mp4'
      headers['cache-control'] =
        { blocking: 'max-age=6', delta: 'max-age=6' }[asked.kind as string] ??
        (isPlaylist ? 'no-cache' : 'max-age=86400')
      if (!deaf && req.headers['if-none-match'] === headers.etag) [status, body] = [304, Buffer.alloc(0)]
      const range = isPlaylist || deaf ? null : /^bytes=(\d*)-(\d*)$/.exec(req.headers.range ?? '')
      if (range && status === 200) [status, body] = cut(body, range, headers)
      const accepts = deaf || /gzip/.test(`${req.headers['accept-encoding']}`)
      if (isPlaylist && status === 200) {
        headers.vary = 'Accept-Encoding'
        if (accepts) [headers['content-encoding'], body] = ['gzip', gzipSync(body)]
      }
    } else headers['cache-control'] = 'max-age=1'
    await pause(this.#fault.delay?.(asked, status) ?? 0)
    const other = this.#fault.headers?.(asked, status) ?? {}
    const all = Object.entries({ ...headers, ...other }).filter(([, value]) => value !== '')
    if (other['content-encoding'] === '') body = whole
    res.writeHead(this.#fault.status?.(asked, status) ?? status, Object.fromEntries(all)).end(body)
  }

  #common(_asked: Asked, status: number): Record<string, string> {
    const preflight = { 'access-control-allow-headers': 'Range', 'access-control-allow-methods': 'GET, HEAD' }
    return { 'access-control-allow-origin': '*', ...(status === 204 ? preflight : {}) }
  }
}

function isAllowed(msn: string | null, part: string | null, moment: Moment): boolean {
  if (part !== null && (msn === null || !/^\d+$/.test(part))) return false
  if (msn === null) return true
  const { end, steps } = windowOf(moment, {})
  if (!/^\d+$/.test(msn) || Number(msn) > end + 1) return false
  return Number(msn) < end || Number(part ?? 0) <= steps + ADVANCE
}

function cut(
  body: Buffer,
  [, first = '', last = '']: RegExpExecArray,
  headers: Record<string, string>,
): [number, Buffer] {
  const from = first === '' ? Math.max(0, body.length - Number(last)) : Number(first)
  const to = first === '' || last === '' ? body.length - 1 : Math.min(Number(last), body.length - 1)
  if (from >= body.length) {
    headers['content-range'] = `bytes */${body.length}`
    return [416, Buffer.alloc(0)]
  }
  headers['content-range'] = `bytes ${from}-${to}/${body.length}`
  return [206, body.subarray(from, to + 1)]
}
