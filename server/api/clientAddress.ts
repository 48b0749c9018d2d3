/** In charge of whose address a request counts for, with and without proxies of ours in front. */
import type { IncomingMessage } from 'node:http'

/**
 * The peer's address, or with `trustedProxies` proxies of ours in front, what the outermost of them wrote at the end of
 * `X-Forwarded-For`. Everything further left in the header is whatever the client liked to claim.
 */
export function clientAddress(req: IncomingMessage, trustedProxies = 0): string {
  const peer = req.socket.remoteAddress ?? 'unknown'
  if (trustedProxies === 0) return peer
  const header = req.headers['x-forwarded-for']
  const claimed = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').map((item) => item.trim())
  return claimed.at(-trustedProxies)?.slice(0, 64) || peer
}
