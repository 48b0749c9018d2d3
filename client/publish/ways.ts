/** In charge of which ways to the server there are to be tried, and of what an answer in SDP says about one. Pure. */
import type { DtlsParameters, IceCandidate, IceServer, TransportOptions } from '../../shared/rtp.ts'

/** Straight to the SFU by UDP or TCP; or by a TURN server, which itself is reached by UDP, TCP or TLS. */
export const wayIds = ['udp', 'tcp', 'turn-udp', 'turn-tcp', 'turn-tls'] as const
export type WayId = (typeof wayIds)[number]

export interface Way {
  readonly id: WayId
  /** Empty for the straight ways. */
  readonly iceServers: readonly IceServer[]
}

/** The way that a TURN URL stands for (RFC 7065, 3.1: UDP by default, TCP for `turns`); null for STUN. */
function wayOf(url: string): WayId | null {
  if (url.startsWith('turns:')) return 'turn-tls'
  if (!url.startsWith('turn:')) return null
  return /[?&]transport=tcp\b/i.test(url) ? 'turn-tcp' : 'turn-udp'
}

/** Every way that the server names, TURN ones with only the URLs that stand for them. */
export function waysBy(iceServers: readonly IceServer[]): Way[] {
  const found = new Map<WayId, IceServer[]>([
    ['udp', []],
    ['tcp', []],
  ])
  for (const server of iceServers) {
    for (const id of wayIds) {
      const urls = server.urls.filter((url) => wayOf(url) === id)
      if (urls.length > 0) found.set(id, [...(found.get(id) ?? []), { ...server, urls }])
    }
  }
  return wayIds.flatMap((id) => (found.has(id) ? [{ id, iceServers: found.get(id) ?? [] }] : []))
}

/** The addresses of the SFU that a way may use. A TURN server relays to UDP. */
export function candidatesFor(way: WayId, candidates: readonly IceCandidate[]): IceCandidate[] {
  return candidates.filter(({ protocol }) => protocol === (way === 'tcp' ? 'tcp' : 'udp'))
}

/** The SFU's answer to an offer of nothing but a data channel, over these of its addresses. */
export function answerFor({ iceParameters, dtlsParameters }: TransportOptions, candidates: IceCandidate[]): string {
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 0.0.0.0',
    's=-',
    't=0 0',
    'a=ice-lite',
    'a=group:BUNDLE 0',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    'a=mid:0',
    'a=setup:passive',
    `a=ice-ufrag:${iceParameters.usernameFragment}`,
    `a=ice-pwd:${iceParameters.password}`,
    ...dtlsParameters.fingerprints.map(({ algorithm, value }) => `a=fingerprint:${algorithm} ${value}`),
    'a=sctp-port:5000',
    ...candidates.map(({ foundation, protocol, priority, address, port, tcpType }) =>
      [
        `a=candidate:${foundation} 1 ${protocol} ${priority} ${address} ${port} typ host`,
        ...(protocol === 'tcp' ? [`tcptype ${tcpType ?? 'passive'}`] : []),
      ].join(' '),
    ),
    'a=end-of-candidates',
  ]
  return `${lines.join('\r\n')}\r\n`
}

/** Our own end of DTLS, which speaks first, as an offer tells it; null when the offer has no fingerprint we know. */
export function dtlsOf(offer: string): DtlsParameters | null {
  const [, algorithm, value] = /^a=fingerprint:(sha-(?:1|224|256|384|512)) ([0-9A-F:]+)/im.exec(offer) ?? []
  if (algorithm === undefined || value === undefined) return null
  const known = ['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512'] as const
  const name = known.find((each) => each === algorithm.toLowerCase())
  return name ? { role: 'client', fingerprints: [{ algorithm: name, value }] } : null
}
