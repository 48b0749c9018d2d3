import { describe, expect, it } from 'vitest'
import { answerFor, candidatesFor, dtlsOf, waysBy } from '../../../../client/publish/ways.ts'
import type { IceCandidate, TransportOptions } from '../../../../shared/rtp.ts'

const candidate = (protocol: 'udp' | 'tcp', address: string): IceCandidate => ({
  foundation: `${protocol}candidate`,
  priority: 7,
  ip: address,
  address,
  protocol,
  port: 44400,
  type: 'host',
  ...(protocol === 'tcp' ? { tcpType: 'passive' } : {}),
})
const candidates = [candidate('udp', '192.0.2.1'), candidate('tcp', '192.0.2.1'), candidate('udp', '2001:db8::1')]

describe('the ways to the server', () => {
  it('are UDP and TCP where there is no TURN server, whatever STUN there is', () => {
    const straight = [
      { id: 'udp', iceServers: [] },
      { id: 'tcp', iceServers: [] },
    ]
    expect(waysBy([])).toEqual(straight)
    expect(waysBy([{ urls: ['stun:a'] }])).toEqual(straight)
  })

  it('are one more for each way to a TURN server, with our credentials and only the URLs that stand for it', () => {
    const login = { username: 'u', credential: 'c' }
    const urls = ['turn:a?transport=udp', 'turn:b', 'turn:a?transport=tcp', 'turns:a:443?transport=tcp', 'stun:a']
    expect(waysBy([{ ...login, urls }]).slice(2)).toEqual([
      { id: 'turn-udp', iceServers: [{ ...login, urls: ['turn:a?transport=udp', 'turn:b'] }] },
      { id: 'turn-tcp', iceServers: [{ ...login, urls: ['turn:a?transport=tcp'] }] },
      { id: 'turn-tls', iceServers: [{ ...login, urls: ['turns:a:443?transport=tcp'] }] },
    ])
  })

  it('lead to the addresses of their protocol; a relay speaks UDP', () => {
    const protocols = (way: Parameters<typeof candidatesFor>[0]) =>
      candidatesFor(way, candidates).map(({ protocol }) => protocol)
    expect(protocols('tcp')).toEqual(['tcp'])
    expect(protocols('udp')).toEqual(['udp', 'udp'])
    expect(protocols('turn-tcp')).toEqual(['udp', 'udp'])
  })
})

describe('the description of the server', () => {
  const options: TransportOptions = {
    id: 'x',
    iceParameters: { usernameFragment: 'frag', password: 'word', iceLite: true },
    iceCandidates: candidates,
    dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: 'AB:CD' }] },
    iceServers: [],
  }

  it('names its credentials, its fingerprint, and just the addresses that were chosen', () => {
    const lines = answerFor(options, candidatesFor('tcp', candidates)).split('\r\n')
    expect(lines).toEqual(
      expect.arrayContaining([
        'a=ice-lite',
        'a=setup:passive',
        'a=ice-ufrag:frag',
        'a=ice-pwd:word',
        'a=fingerprint:sha-256 AB:CD',
        'a=candidate:tcpcandidate 1 tcp 7 192.0.2.1 44400 typ host tcptype passive',
      ]),
    )
    expect(lines.filter((line) => line.startsWith('a=candidate'))).toHaveLength(1)
    expect(lines.at(-1)).toBe('')
  })

  it('is answered with our fingerprint, as the one that speaks first', () => {
    const value = Array(32).fill('0f').join(':')
    expect(dtlsOf(`v=0\r\na=fingerprint:SHA-256 ${value}\r\na=setup:actpass\r\n`)).toEqual({
      role: 'client',
      fingerprints: [{ algorithm: 'sha-256', value }],
    })
    expect(dtlsOf('v=0\r\na=fingerprint:md5 00:11\r\n')).toBeNull()
    expect(dtlsOf('')).toBeNull()
  })
})
