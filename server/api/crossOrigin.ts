/** In charge of what pages of other origins may do with the API: read public facts, and nothing else. */
import type { RequestHandler } from 'express'
import { NearcastError } from '../../shared/errors.ts'
import { isOwnOrigin } from '../auth/requestOrigin.ts'

/** Reading is for everyone and carries no credentials; writing from a page is for our own pages. */
export function crossOrigin(publicUrl: string | null): RequestHandler {
  return (req, res, next) => {
    const { origin, host } = req.headers
    const own = isOwnOrigin(origin, host, publicUrl)
    res.vary('Origin')
    if (own && origin !== undefined) {
      res.set('Access-Control-Allow-Origin', origin)
      res.set('Access-Control-Expose-Headers', 'Location, Retry-After')
    } else if (/^\/(broadcasts|recordings)/.test(req.path)) {
      res.set('Access-Control-Allow-Origin', '*')
    }
    if (req.method === 'OPTIONS') {
      res.set('Access-Control-Allow-Methods', own ? 'GET, HEAD, POST, PATCH, DELETE' : 'GET, HEAD')
      if (own) res.set('Access-Control-Allow-Headers', 'Authorization, Content-Type')
      res.set('Access-Control-Max-Age', '600')
      res.status(204).end()
      return
    }
    const reads = req.method === 'GET' || req.method === 'HEAD'
    next(own || reads ? undefined : new NearcastError('wrong-origin'))
  }
}
