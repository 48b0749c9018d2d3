import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ApiDoor, bearer, facts, id, json, key, openApi, operatorToken, refusal } from '../../helpers/apiDoor.ts'

let api: ApiDoor
const ask: ApiDoor['ask'] = (path, init) => api.ask(path, init)

beforeEach(async () => {
  api = await openApi()
})
afterEach(() => api[Symbol.asyncDispose]())

describe('the API of broadcasts', () => {
  it('creates one, shows its key this once, and says where it is', async () => {
    const { status, headers, body } = await ask('/broadcasts', {
      method: 'POST',
      headers: json,
      body: '{"title":" Hi "}',
    })
    expect(status).toBe(201)
    expect(headers.get('location')).toBe(`/api/broadcasts/${id}`)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(body).toMatchObject({ id, title: 'Hi', state: 'idle', publishKey: key })
  })

  it('creates one from an empty body, as long as its type is JSON', async () => {
    expect((await ask('/broadcasts', { method: 'POST', headers: json })).status).toBe(201)
    expect((await ask('/broadcasts', { method: 'POST' })).body).toEqual(refusal('unsupported-media-type'))
  })

  it('lists and shows public facts, never a key, to pages of any origin', async () => {
    const list = await ask('/broadcasts', { headers: { Origin: 'https://other.example' } })
    expect(list.body).toEqual({ broadcasts: [facts] })
    const one = await ask(`/broadcasts/${id}`, { headers: { Origin: 'https://other.example' } })
    expect(one.body).toEqual(facts)
    expect(one.headers.get('access-control-allow-origin')).toBe('*')
    expect(one.headers.get('access-control-allow-credentials')).toBeNull()
    expect(`${list.text}${one.text}`).not.toContain(key)
  })

  it('lists recordings of public broadcasts, to pages of any origin', async () => {
    const list = await ask('/recordings', { headers: { Origin: 'https://other.example' } })
    expect(list.body).toEqual({ broadcasts: [facts] })
    expect(list.headers.get('access-control-allow-origin')).toBe('*')
    expect((await ask('/recordings', { method: 'DELETE' })).status).toBe(405)
  })

  it('sends a recording as a file with a name that harms no file system, and by range', async () => {
    const path = `${api.url}/api/broadcasts/${id}/recording.mp4`
    const answer = await fetch(path)
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename=nearcast-${id}.mp4`)
    expect(answer.headers.get('content-type')).toBe('video/mp4')
    expect(answer.headers.get('accept-ranges')).toBe('bytes')
    expect((await answer.text()).length).toBeGreaterThan(100)
    const some = await fetch(path, { headers: { Range: 'bytes=0-5' } })
    expect([some.status, await some.text()]).toEqual([206, '/** In'])
    expect((await ask('/broadcasts/ZZZZbbbbCCCCdddd/recording.mp4')).body).toEqual(refusal('broadcast-not-found'))
    expect((await ask(`/broadcasts/${id}/recording.mp4`, { method: 'DELETE' })).status).toBe(405)
  })

  it('deletes a recording for the key only', async () => {
    const path = `/broadcasts/${id}/recording`
    expect((await ask(path, { method: 'DELETE' })).body).toEqual(refusal('key-missing'))
    expect((await ask(path, { method: 'DELETE', headers: bearer('x'.repeat(32)) })).body).toEqual(refusal('wrong-key'))
    expect((await ask(path, { method: 'DELETE', headers: bearer(key) })).status).toBe(204)
    expect((await ask(path)).status).toBe(405)
  })

  it('answers HEAD like GET without a body', async () => {
    const { status, text, headers } = await ask(`/broadcasts/${id}`, { method: 'HEAD' })
    expect([status, text]).toEqual([200, ''])
    expect(Number(headers.get('content-length'))).toBeGreaterThan(0)
  })

  it('changes and deletes for the key only', async () => {
    const change = { method: 'PATCH', body: '{"title":"New"}' }
    const path = `/broadcasts/${id}`
    expect((await ask(path, { ...change, headers: { ...json, ...bearer(key) } })).body).toMatchObject({ title: 'New' })
    const missing = await ask(path, { ...change, headers: json })
    expect([missing.status, missing.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(missing.body).toEqual(refusal('key-missing'))
    expect((await ask(path, { ...change, headers: { ...json, ...bearer('x') } })).body).toEqual(refusal('wrong-key'))
    expect((await ask(path, { method: 'DELETE', headers: bearer('x') })).status).toBe(403)
    expect((await ask(path, { method: 'DELETE', headers: bearer(key) })).status).toBe(204)
  })

  it.each([
    [
      'a body that is not JSON',
      '/broadcasts',
      { method: 'POST', headers: json, body: '{"title":' },
      400,
      'bad-request',
    ],
    ['a body that is no object', '/broadcasts', { method: 'POST', headers: json, body: '5' }, 400, 'bad-request'],
    ['an unknown member', '/broadcasts', { method: 'POST', headers: json, body: '{"x":1}' }, 400, 'bad-request'],
    ['a form', '/broadcasts', { method: 'POST', body: new URLSearchParams('title=x') }, 415, 'unsupported-media-type'],
    [
      'an unknown charset',
      '/broadcasts',
      { method: 'POST', headers: { 'Content-Type': 'application/json; charset=x' }, body: '{}' },
      415,
      'unsupported-media-type',
    ],
    [
      'a body over 16 KiB',
      '/broadcasts',
      { method: 'POST', headers: json, body: `{"title":"${'x'.repeat(20_000)}"}` },
      413,
      'payload-too-large',
    ],
    ['an id that cannot exist', '/broadcasts/short', {}, 404, 'broadcast-not-found'],
    ['an id that does not exist', '/broadcasts/ZZZZbbbbCCCCdddd', {}, 404, 'broadcast-not-found'],
    ['a broken percent-encoding', '/broadcasts/%E0%A4%A', {}, 400, 'bad-request'],
    ['an unknown address', '/nothing/here', {}, 404, 'not-found'],
    ['an address above', '/broadcasts/..%2f..%2fetc', {}, 404, 'broadcast-not-found'],
  ])('refuses %s', async (_what, path, init, status, code) => {
    const answer = await ask(path, init)
    expect([answer.status, answer.body]).toEqual([status, refusal(code)])
    expect(answer.text).not.toMatch(/at .*\.(ts|js)|node_modules/)
    expect(api.logged).toEqual([])
  })

  it.each([
    ['/broadcasts', 'DELETE', 'GET, HEAD, POST'],
    [`/broadcasts/${id}`, 'PUT', 'GET, HEAD, PATCH, DELETE'],
  ])('answers a method that %s does not take with those it takes', async (path, method, allow) => {
    const { status, headers, body } = await ask(path, { method })
    expect([status, headers.get('allow')]).toEqual([405, allow])
    expect(body).toEqual(refusal('method-not-allowed'))
  })

  it('tells nobody what broke inside, and logs it', async () => {
    const { status, body, text } = await ask('/broadcasts', {
      method: 'POST',
      headers: json,
      body: '{"title":"break"}',
    })
    expect([status, body]).toEqual([500, refusal('internal')])
    expect(text).not.toContain('secret detail')
    expect(api.logged).toMatchObject([{ err: { message: 'secret detail' } }])
  })

  it('lets no page of another origin write, not even after a preflight', async () => {
    const headers = { ...json, Origin: 'https://evil.example' }
    expect((await ask('/broadcasts', { method: 'POST', headers, body: '{}' })).body).toEqual(refusal('wrong-origin'))
    const preflight = await ask('/broadcasts', { method: 'OPTIONS', headers })
    expect(preflight.headers.get('access-control-allow-methods')).toBe('GET, HEAD')
    expect(preflight.headers.get('access-control-allow-headers')).toBeNull()
    const operator = await ask('/operator/broadcasts', { headers: { ...headers, ...bearer(operatorToken) } })
    expect(operator.headers.get('access-control-allow-origin')).toBeNull()
  })

  it.each(['https://live.example.com', 'own'])('lets our own pages (%s) write', async (which) => {
    const Origin = which === 'own' ? api.url : which
    const answer = await ask('/broadcasts', { method: 'POST', headers: { ...json, Origin }, body: '{}' })
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([201, Origin])
    const preflight = await ask(`/broadcasts/${id}`, { method: 'OPTIONS', headers: { Origin } })
    expect(preflight.headers.get('access-control-allow-headers')).toBe('Authorization, Content-Type')
  })

  it('asks for the token where not everyone may create', async () => {
    await using closed = await openApi({ createPolicy: { mode: 'token', tokens: ['let-me'] } })
    const create = { method: 'POST', headers: json, body: '{}' }
    expect((await closed.ask('/broadcasts', create)).body).toEqual(refusal('token-missing'))
    expect((await closed.ask('/broadcasts', { ...create, headers: { ...json, ...bearer('no') } })).status).toBe(403)
    expect((await closed.ask('/broadcasts', { ...create, headers: { ...json, ...bearer('let-me') } })).status).toBe(201)
  })

  it('makes an address that asks too often wait, and counts that', async () => {
    await using busy = await openApi({ burst: 2 })
    const statuses = [1, 2, 3].map(() => busy.ask('/broadcasts'))
    const answers = await Promise.all(statuses)
    const refused = answers.filter((answer) => answer.status === 429)
    expect(refused.map((answer) => answer.body)).toEqual([refusal('rate-limited')])
    expect(refused[0]?.headers.get('retry-after')).toBe('100')
    expect(busy.metrics.render()).toContain('nearcast_rate_limited_total{door="api"} 1')
  })

  it('goes on after requests that break off in the middle of a body', async () => {
    const head = 'POST /api/broadcasts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
    const socket = connect(api.port, '127.0.0.1', () => socket.end(`${head}Content-Length: 100\r\n\r\n{"ti`))
    await new Promise<void>((done) => socket.resume().once('close', () => done()))
    expect((await ask('/broadcasts')).status).toBe(200)
    expect(api.logged).toEqual([])
  })
})
