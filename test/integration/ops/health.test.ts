import express from 'express'
import { describe, expect, it } from 'vitest'
import { healthRoutes } from '../../../server/ops/health.ts'
import { Metrics } from '../../../server/ops/metrics.ts'
import { startHttpServer } from '../../helpers/httpServer.ts'

function start(checks: Record<string, boolean>, operatorToken: string | null = null, address = '127.0.0.1') {
  const metrics = new Metrics()
  metrics.counter('nearcast_things_total', 'Things.').inc()
  const deps = { metrics, readiness: () => checks, operatorToken, addressOf: () => address, log: { error: () => {} } }
  return startHttpServer(express().use(healthRoutes(deps)))
}

describe('health', () => {
  it('is told while the process answers, ready or not', async () => {
    await using server = await start({ sfu: false, store: true })
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    const ready = await fetch(`${server.url}/readyz`)
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'not-ready', checks: { sfu: false, store: true } },
    ])
  })

  it('is ready when every check is', async () => {
    await using server = await start({ sfu: true, store: true })
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  })

  it('takes no other method', async () => {
    await using server = await start({})
    const answer = await fetch(`${server.url}/healthz`, { method: 'POST' })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })
})

describe('metrics', () => {
  it('are Prometheus text', async () => {
    await using server = await start({})
    const answer = await fetch(`${server.url}/metrics`)
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(await answer.text()).toContain('nearcast_things_total 1\n')
  })

  it('are told to private addresses only where there is no token', async () => {
    await using server = await start({}, null, '8.8.8.8')
    expect((await fetch(`${server.url}/metrics`)).status).toBe(401)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  })

  it('ask for the operator token where one is set', async () => {
    await using server = await start({}, 'operator-token')
    const ask = (headers: HeadersInit) => fetch(`${server.url}/metrics`, { headers }).then((answer) => answer.status)
    expect(await ask({})).toBe(401)
    expect(await ask({ Authorization: 'Bearer wrong' })).toBe(403)
    expect(await ask({ Authorization: 'Bearer operator-token' })).toBe(200)
  })
})
