/** Under which addresses the server can be opened: on this machine, on the network, and in shared links. */
import type { NetworkInterfaceInfo } from 'node:os'
import type { Config } from './config.ts'
import { localAddresses, networkAddress } from './sfu/addresses.ts'

type Interfaces = Readonly<Record<string, NetworkInterfaceInfo[] | undefined>>
type AddressSettings = Pick<Config, 'host' | 'tlsCert' | 'publicUrl' | 'announcedAddress'>

export interface Origins {
  /** On this machine; a secure context even without TLS. */
  local: string
  /** For others on the network, or null without one. */
  network: string | null
  /** What shared links begin with. */
  shared: string
}

/** `port` is the one the server is bound to. */
export function origins(config: AddressSettings, interfaces: Interfaces, port: number): Origins {
  const scheme = config.tlsCert === null ? 'http' : 'https'
  const origin = (host: string) => `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
  const local = origin(isWildcard(config.host) ? 'localhost' : config.host)
  const host = isWildcard(config.host) ? networkAddress(interfaces) : config.host
  const network = host === null ? null : origin(host)
  return { local, network, shared: config.publicUrl ?? network ?? local }
}

/** Every address and name by which it can be reached: what decides whether anyone may create broadcasts. */
export function reachableAt(config: AddressSettings, interfaces: Interfaces): string[] {
  const bound = isWildcard(config.host) ? localAddresses(interfaces) : [config.host]
  const named = config.publicUrl === null ? [] : [new URL(config.publicUrl).hostname]
  return [...bound, ...named, ...(config.announcedAddress === null ? [] : [config.announcedAddress])]
}

function isWildcard(host: string): boolean {
  return host === '::' || host === '0.0.0.0'
}
