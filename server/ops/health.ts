/** In charge of what machines ask about the server: is it alive, is it ready, and its numbers. */
import express from 'express'
import { NearcastError } from '../../shared/errors.ts'
import { type ErrorLog, errorHandler } from '../api/errorAnswer.ts'
import { bearerToken } from '../auth/bearer.ts'
import { isPrivateAddress } from '../auth/createPolicy.ts'
import { secretsEqual } from '../auth/keys.ts'
import type { Metrics } from './metrics.ts'

export interface HealthRoutesDeps {
  readonly metrics: Metrics
  /** What must be well for the server to take new people: name → whether it is. */
  readonly readiness: () => Readonly<Record<string, boolean>>
  /** Asked for at `/metrics`; null leaves them to whoever asks from a private address. */
  readonly operatorToken: string | null
  readonly addressOf: (req: express.Request) => string
  readonly log: ErrorLog
}

/** `/healthz` (200 while the process answers), `/readyz` (200 or 503), `/metrics`. */
export function healthRoutes(deps: HealthRoutesDeps): express.Router {
  const router = express.Router()
  router.use(['/healthz', '/readyz', '/metrics'], (req, res, next) => {
    res.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' })
    if (req.method === 'GET' || req.method === 'HEAD') return next()
    res.set('Allow', 'GET, HEAD')
    next(new NearcastError('method-not-allowed'))
  })
  router.get('/healthz', (_req, res) => {
    res.json({ status: 'ok' })
  })
  router.get('/readyz', (_req, res) => {
    const checks = deps.readiness()
    const ready = Object.values(checks).every(Boolean)
    res.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'not-ready', checks })
  })
  router.get('/metrics', (req, res) => {
    assertMayRead(deps, req)
    // `res.type` would rewrite the version parameter away; scrapers look at it.
    res.setHeader('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
    res.end(deps.metrics.render())
  })
  router.use(errorHandler(deps.log))
  return router
}

function assertMayRead({ operatorToken, addressOf }: HealthRoutesDeps, req: express.Request): void {
  if (operatorToken === null) {
    if (isPrivateAddress(addressOf(req))) return
    throw new NearcastError('token-missing', 'Without an operator token, metrics are told to private addresses only.')
  }
  const token = bearerToken(req.headers.authorization)
  if (token === null) throw new NearcastError('token-missing')
  if (!secretsEqual(token, operatorToken)) throw new NearcastError('wrong-token')
}
