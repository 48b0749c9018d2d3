/** In charge of `/api/operator`: what the operator may see and end. */
import express from 'express'
import { NearcastError } from '../../shared/errors.ts'
import { bearerToken } from '../auth/bearer.ts'
import { secretsEqual } from '../auth/keys.ts'
import type { BroadcastDirectory } from './BroadcastDirectory.ts'
import { broadcastId, notAllowed } from './broadcastRoutes.ts'

export interface OperatorRoutesDeps {
  readonly directory: Pick<BroadcastDirectory, 'listAll' | 'delete' | 'deleteRecording'>
  /** Null: there is no operator's API. */
  readonly operatorToken: string | null
}

/**
 * To be mounted at `/api/operator`. Without a token everything here is 404, not 401: no credential would open it, and a
 * 401 would invite people to go on trying.
 */
export function operatorRoutes({ directory, operatorToken }: OperatorRoutesDeps): express.Router {
  const router = express.Router()
  router.use((req, _res, next) => {
    if (operatorToken === null) {
      throw new NearcastError('not-found', 'This server has no operator token, so there is no operator API.')
    }
    const token = bearerToken(req.headers.authorization)
    if (token === null) throw new NearcastError('token-missing')
    if (!secretsEqual(token, operatorToken)) throw new NearcastError('wrong-token')
    next()
  })
  router.get('/broadcasts', (_req, res) => {
    res.json({ broadcasts: directory.listAll() })
  })
  router.all('/broadcasts', notAllowed('GET, HEAD'))
  router.delete('/broadcasts/:id', async (req, res) => {
    await directory.delete(broadcastId(req))
    res.status(204).end()
  })
  router.all('/broadcasts/:id', notAllowed('DELETE'))
  router.delete('/broadcasts/:id/recording', async (req, res) => {
    await directory.deleteRecording(broadcastId(req))
    res.status(204).end()
  })
  router.all('/broadcasts/:id/recording', notAllowed('DELETE'))
  return router
}
