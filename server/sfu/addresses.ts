/** Which addresses the SFU listens on and announces. */
import type { NetworkInterfaceInfo } from 'node:os'
import type { types } from 'mediasoup'

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/**
 * Every non-internal address, then 127.0.0.1 (for a browser on the same machine). Link-local IPv6 is left out: it is
 * useless without a zone, which ICE candidates cannot carry (RFC 8445, 5.1.1.1).
 */
export function localAddresses(interfaces: Interfaces): string[] {
  const addresses = Object.values(interfaces)
    .flatMap((infos) => infos ?? [])
    .filter(({ internal, address }) => !internal && !address.toLowerCase().startsWith('fe80:'))
    .map(({ address }) => address)
  return [...new Set([...addresses, '127.0.0.1'])]
}

/** The IPv4 address that others on the network most likely reach, or null on a machine without network. */
export function networkAddress(interfaces: Interfaces): string | null {
  const candidates = Object.values(interfaces)
    .flatMap((infos) => infos ?? [])
    .filter(({ internal, family, address }) => !internal && family === 'IPv4' && !address.startsWith('169.254.'))
  return candidates[0]?.address ?? null
}

/**
 * mediasoup's listen infos for one port number, UDP and TCP. With `announced` (name or address) one wildcard socket
 * announces just that; else each address has sockets of its own, UDP first since it is preferred.
 */
export function listenInfos(
  interfaces: Interfaces,
  announced: string | null,
  port: number,
): types.TransportListenInfo[] {
  const protocols = ['udp', 'tcp'] as const
  if (announced !== null) {
    return protocols.map((protocol) => ({ protocol, ip: '0.0.0.0', announcedAddress: announced, port }))
  }
  return protocols.flatMap((protocol) => localAddresses(interfaces).map((ip) => ({ protocol, ip, port })))
}
