/** Everything HTTP in one listener: HLS and DASH first and without Express, then health, API and pages. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import express from 'express'
import { NearcastError } from '../shared/errors.ts'
import { apiRoutes } from './api/apiRoutes.ts'
import { errorHandler } from './api/errorAnswer.ts'
import { TokenBuckets } from './api/rateLimit.ts'
import type { CreatePolicy } from './auth/createPolicy.ts'
import type { BroadcastRegistry } from './broadcast/BroadcastRegistry.ts'
import type { Config } from './config.ts'
import type { ClientFiles } from './delivery/clientFiles.ts'
import { dashRoutes } from './delivery/dashRoutes.ts'
import { hlsRoutes } from './delivery/hlsRoutes.ts'
import { KeptRoutes } from './delivery/keptRoutes.ts'
import { pageRoutes } from './delivery/pageRoutes.ts'
import { posterRoutes } from './delivery/posterRoutes.ts'
import type { Clock } from './lib/clock.ts'
import { healthRoutes } from './ops/health.ts'
import type { Logger } from './ops/logger.ts'
import type { Metrics } from './ops/metrics.ts'

export interface WebOptions {
  config: Config
  /** The built client. */
  files: ClientFiles
  registry: BroadcastRegistry
  createPolicy: CreatePolicy
  readiness: () => Readonly<Record<string, boolean>>
  addressOf: (req: IncomingMessage) => string
  metrics: Metrics
  clock: Clock
  log: Logger
}

/** Broadcasts one address may create: so many at once, then one every two seconds. */
const CREATE_LIMIT = { burst: 20, perSecond: 0.5 }

export type Listener = (req: IncomingMessage, res: ServerResponse) => void

export function createWeb(options: WebOptions): Listener {
  const { config, registry, addressOf, metrics, clock, log } = options
  const { operatorToken, publicUrl, requestRate } = config
  const web = express()
  web.disable('x-powered-by')
  web.use(healthRoutes({ metrics, readiness: options.readiness, operatorToken, addressOf, log }))
  const request = new TokenBuckets({ perSecond: requestRate, burst: requestRate * 5 }, clock)
  const create = new TokenBuckets(CREATE_LIMIT, clock)
  web.use(
    '/api',
    apiRoutes({
      directory: registry,
      createPolicy: options.createPolicy,
      operatorToken,
      publicUrl,
      buckets: { request, create },
      addressOf,
      metrics,
      log,
    }),
  )
  const embedOrigins = config.embedOrigins.length === 0 ? null : config.embedOrigins
  web.use(pageRoutes({ files: options.files, embedOrigins, preview: (id) => registry.linkPreview(id) }))
  web.use(() => {
    throw new NearcastError('not-found')
  })
  web.use(errorHandler(log))

  const kept = new KeptRoutes({ directory: registry, metrics, log })
  const hls = hlsRoutes({
    directory: registry,
    addressOf,
    maxHeld: config.maxHeld,
    maxHeldPerAddress: config.maxHeldPerAddress,
    metrics,
    clock,
    log,
    older: (req, res) => kept.answerMedia(req, res),
  })
  const dash = dashRoutes({ directory: registry, metrics, clock, log })
  const posters = posterRoutes({ directory: registry, metrics, log })
  return (req, res) => {
    if (!posters(req, res) && !kept.door(req, res) && !hls(req, res) && !dash(req, res)) web(req, res)
  }
}
