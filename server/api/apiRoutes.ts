/** In charge of `/api` as a whole: limits, origins, the routers below it, and JSON for everything that goes wrong. */
import express from 'express'
import { NearcastError } from '../../shared/errors.ts'
import type { Metrics } from '../ops/metrics.ts'
import { type BroadcastRoutesDeps, broadcastRoutes } from './broadcastRoutes.ts'
import { crossOrigin } from './crossOrigin.ts'
import { type ErrorLog, errorHandler } from './errorAnswer.ts'
import { operatorRoutes } from './operatorRoutes.ts'
import { rateLimit, type TokenBuckets } from './rateLimit.ts'
import { recordingRoutes } from './recordingRoutes.ts'

export interface ApiRoutesDeps extends Omit<BroadcastRoutesDeps, 'limitCreate'> {
  readonly operatorToken: string | null
  /** Where the operator says the server is, or null; its pages count as ours. */
  readonly publicUrl: string | null
  /** All requests of an address, and the creations among them. */
  readonly buckets: { readonly request: TokenBuckets; readonly create: TokenBuckets }
  readonly addressOf: (req: express.Request) => string
  readonly metrics: Metrics
  readonly log: ErrorLog
}

/** To be mounted at `/api`. Answers everything below it. */
export function apiRoutes(deps: ApiRoutesDeps): express.Router {
  const limited = deps.metrics.counter(
    'nearcast_rate_limited_total',
    'Requests refused because their address asked too often.',
  )
  const limit = (bucket: 'request' | 'create') =>
    rateLimit(deps.buckets[bucket], deps.addressOf, () =>
      limited.inc({ door: bucket === 'create' ? 'api-create' : 'api' }),
    )

  const router = express.Router()
  router.use((_req, res, next) => {
    res.set({
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    })
    next()
  })
  router.use(crossOrigin(deps.publicUrl), limit('request'))
  router.use('/broadcasts', broadcastRoutes({ ...deps, limitCreate: limit('create') }))
  router.use(recordingRoutes(deps.directory))
  router.use('/operator', operatorRoutes(deps))
  router.use(() => {
    throw new NearcastError('not-found')
  })
  router.use(errorHandler(deps.log))
  return router
}
