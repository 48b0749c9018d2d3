import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ApiDoor, bearer, facts, id, key, openApi, operatorToken, refusal } from '../../helpers/apiDoor.ts'

let api: ApiDoor
const ask: ApiDoor['ask'] = (path, init) => api.ask(path, init)

beforeEach(async () => {
  api = await openApi()
})
afterEach(() => api[Symbol.asyncDispose]())

describe('the API of the operator', () => {
  it('shows and ends any broadcast for the token', async () => {
    const headers = bearer(operatorToken)
    expect((await ask('/operator/broadcasts', { headers })).body).toEqual({ broadcasts: [facts] })
    expect((await ask(`/operator/broadcasts/${id}`, { method: 'DELETE', headers })).status).toBe(204)
    const unknown = await ask('/operator/broadcasts/ZZZZbbbbCCCCdddd', { method: 'DELETE', headers })
    expect(unknown.body).toEqual(refusal('broadcast-not-found'))
    expect((await ask('/operator/broadcasts', { method: 'PUT', headers })).status).toBe(405)
    const recording = `/operator/broadcasts/${id}/recording`
    expect((await ask(recording, { method: 'DELETE', headers })).status).toBe(204)
    expect((await ask(recording, { method: 'DELETE', headers: bearer(key) })).status).toBe(403)
    expect((await ask(recording, { headers })).status).toBe(405)
  })

  it('opens for no other token and for no publish key', async () => {
    expect((await ask('/operator/broadcasts')).body).toEqual(refusal('token-missing'))
    expect((await ask('/operator/broadcasts', { headers: bearer(key) })).body).toEqual(refusal('wrong-token'))
    expect((await ask(`/operator/broadcasts/${id}`, { method: 'DELETE', headers: bearer(key) })).status).toBe(403)
  })

  it('does not exist where no token is set', async () => {
    await using bare = await openApi({ operatorToken: null })
    const answer = await bare.ask('/operator/broadcasts', { headers: bearer('anything') })
    expect([answer.status, answer.body]).toEqual([404, refusal('not-found')])
  })
})
