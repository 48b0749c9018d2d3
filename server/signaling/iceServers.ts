/** Which STUN and TURN servers a client is told of, with credentials of its own that live minutes. */
import type { IceServer } from '../../shared/rtp.ts'
import { turnCredentials } from '../auth/turnCredentials.ts'
import type { Clock } from '../lib/clock.ts'

/** Fresh servers for one client; `user` appears in coturn's log and quotas. */
export type IceServers = (user: string) => IceServer[]

export interface IceServerSettings {
  stunUrls: readonly string[]
  turnUrls: readonly string[]
  turnSecret: string | null
  /** Seconds. */
  turnTtl: number
}

export function createIceServers(settings: IceServerSettings, clock: Clock): IceServers {
  const { stunUrls, turnUrls, turnSecret: secret, turnTtl: ttl } = settings
  return (user) => {
    const servers: IceServer[] = []
    if (stunUrls.length > 0) servers.push({ urls: [...stunUrls] })
    if (secret !== null && turnUrls.length > 0) {
      servers.push(turnCredentials({ secret, urls: [...turnUrls], ttl, now: clock.now(), user }))
    }
    return servers
  }
}
