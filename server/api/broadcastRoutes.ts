/** In charge of `/api/broadcasts`: creating, listing, reading, changing and deleting broadcasts over HTTP. */
import express, { type Request, type RequestHandler } from 'express'
import * as v from 'valibot'
import { createBroadcastSchema, patchBroadcastSchema } from '../../shared/broadcast.ts'
import { NearcastError } from '../../shared/errors.ts'
import { broadcastIdSchema } from '../../shared/ids.ts'
import { bearerToken } from '../auth/bearer.ts'
import { assertMayCreate, type CreatePolicy } from '../auth/createPolicy.ts'
import type { BroadcastDirectory } from './BroadcastDirectory.ts'
import { jsonBody, parseBody } from './jsonBody.ts'

export interface BroadcastRoutesDeps {
  readonly directory: BroadcastDirectory
  readonly createPolicy: CreatePolicy
  /** Stands before creation; asks an address to wait. */
  readonly limitCreate: RequestHandler
}

/** How many broadcasts a public list holds at most. */
export const MAX_LISTED = 200

/** To be mounted at `/api/broadcasts`. */
export function broadcastRoutes({ directory, createPolicy, limitCreate }: BroadcastRoutesDeps): express.Router {
  const router = express.Router()
  const readBody = jsonBody()

  router.get('/', (_req, res) => {
    res.json({ broadcasts: directory.listPublicLive().slice(0, MAX_LISTED) })
  })
  router.post('/', limitCreate, ...readBody, async (req, res) => {
    assertMayCreate(createPolicy, bearerToken(req.headers.authorization))
    const created = await directory.create(parseBody(createBroadcastSchema, req.body ?? {}))
    res.status(201).location(`/api/broadcasts/${created.id}`).json(created)
  })
  router.all('/', notAllowed('GET, HEAD, POST'))

  router.get('/:id', (req, res) => {
    res.json(directory.facts(broadcastId(req)))
  })
  router.patch('/:id', ...readBody, (req, res) => {
    assertKey(directory, req)
    res.json(directory.patch(broadcastId(req), parseBody(patchBroadcastSchema, req.body ?? {})))
  })
  router.delete('/:id', async (req, res) => {
    assertKey(directory, req)
    await directory.delete(broadcastId(req))
    res.status(204).end()
  })
  router.all('/:id', notAllowed('GET, HEAD, PATCH, DELETE'))
  return router
}

/** Answers every method that got this far: 405 with what is allowed. */
export function notAllowed(allow: string): RequestHandler {
  return (_req, res, next) => {
    res.set('Allow', allow)
    next(new NearcastError('method-not-allowed'))
  }
}

/** The id of the path; one that cannot exist is not looked up. */
export function broadcastId(req: Request): string {
  const id: unknown = req.params.id
  if (!v.is(broadcastIdSchema, id)) throw new NearcastError('broadcast-not-found')
  return id
}

/** Throws key-missing, wrong-key or broadcast-not-found. */
export function assertKey(directory: BroadcastDirectory, req: Request): void {
  const id = broadcastId(req)
  const key = bearerToken(req.headers.authorization)
  if (key === null) throw new NearcastError('key-missing')
  directory.verifyKey(id, key)
}
