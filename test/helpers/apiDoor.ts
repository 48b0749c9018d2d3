/** In charge of the HTTP API of a test: real routes in front of a directory that knows one broadcast. */
import express from 'express'
import { expect } from 'vitest'
import { apiRoutes } from '../../server/api/apiRoutes.ts'
import type { BroadcastDirectory } from '../../server/api/BroadcastDirectory.ts'
import { clientAddress } from '../../server/api/clientAddress.ts'
import { TokenBuckets } from '../../server/api/rateLimit.ts'
import type { CreatePolicy } from '../../server/auth/createPolicy.ts'
import { Metrics } from '../../server/ops/metrics.ts'
import type { BroadcastFacts, PatchBroadcast } from '../../shared/broadcast.ts'
import { NearcastError } from '../../shared/errors.ts'
import { startHttpServer } from './httpServer.ts'

export const id = 'AAAAbbbbCCCCdddd'
export const key = 'K'.repeat(32)
export const operatorToken = 'operator-token'
const urls = {
  watch: '',
  studio: '',
  embed: '',
  hls: '',
  window: '',
  poster: '',
  dash: '',
  mse: '',
  whip: '',
  whep: '',
}
const viewers = { total: 0, webrtc: 0, mse: 0, hls: 0 }
export const facts: BroadcastFacts = {
  id,
  title: '',
  visibility: 'public',
  state: 'live',
  startedAt: null,
  viewers,
  renditions: [],
  record: true,
  recording: null,
  http: null,
  converted: false,
  urls,
}

/** Knows one broadcast, and breaks when asked to create one titled "break". */
class OneBroadcast implements BroadcastDirectory {
  facts = (asked: string) => (asked === id ? facts : this.#unknown())
  listPublicLive = () => [facts]
  listAll = () => [facts]
  listPublicRecordings = () => [facts]
  recordingFile = async (asked: string) => (asked === id ? import.meta.filename : this.#unknown())
  deleteRecording = async (asked: string) => void this.facts(asked)
  verifyKey = (asked: string, given: string) => void (given === key || this.#wrong(this.facts(asked)))
  patch = (asked: string, body: PatchBroadcast) => ({ ...this.facts(asked), ...body }) as BroadcastFacts
  delete = async (asked: string) => void this.facts(asked)
  create({ title }: { title: string }) {
    if (title === 'break') throw new Error('secret detail')
    return { id, title, state: 'idle' as const, urls, publishKey: key }
  }
  #unknown = (): never => {
    throw new NearcastError('broadcast-not-found')
  }
  #wrong = (_known: unknown): never => {
    throw new NearcastError('wrong-key')
  }
}

/** What a test may choose. */
export interface ApiSettings {
  readonly createPolicy?: CreatePolicy
  readonly operatorToken?: string | null
  /** Requests that an address may make at once. */
  readonly burst?: number
}

/** An answer: `body` is the JSON of it, null where there is none. */
export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
  readonly text: string
}

/** The API on a free port. */
export interface ApiDoor extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly metrics: Metrics
  /** What was logged as an error so far. */
  readonly logged: readonly object[]
  /** Asks for a path below `/api`. */
  ask(path: string, init?: RequestInit): Promise<ApiAnswer>
}

export async function openApi(settings: ApiSettings = {}): Promise<ApiDoor> {
  const logged: object[] = []
  const metrics = new Metrics()
  const buckets = () => new TokenBuckets({ burst: settings.burst ?? 1_000, perSecond: 0.01 }, { now: () => 0 })
  const api = apiRoutes({
    directory: new OneBroadcast(),
    createPolicy: settings.createPolicy ?? { mode: 'open' },
    operatorToken: settings.operatorToken === undefined ? operatorToken : settings.operatorToken,
    publicUrl: 'https://live.example.com',
    buckets: { request: buckets(), create: buckets() },
    addressOf: (req) => clientAddress(req),
    metrics,
    log: { error: (fields) => logged.push(fields) },
  })
  const server = await startHttpServer(express().disable('x-powered-by').use('/api', api))
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`${server.url}/api${path}`, init)
    const text = await answer.text()
    const body: unknown = text === '' ? null : JSON.parse(text)
    return { status: answer.status, headers: answer.headers, body, text }
  }
  const close = () => server[Symbol.asyncDispose]()
  return { url: server.url, port: server.port, metrics, logged, ask, [Symbol.asyncDispose]: close }
}

export const json = { 'Content-Type': 'application/json' }
export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })
export const refusal = (code: string) => ({ error: { code, message: expect.any(String) } })
