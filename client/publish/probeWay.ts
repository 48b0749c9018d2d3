/** In charge of finding out whether one way to the server works: by going it, as far as an encrypted connection. */
import { NearcastError } from '../../shared/errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { SignalingClient } from '../signaling/SignalingClient.ts'
import { answerFor, candidatesFor, dtlsOf, type Way } from './ways.ts'

/**
 * `works`: a connection stood, `ms` after the first packet. `blocked`: nothing came back in time. `no-server`: the TURN
 * server did not answer. `refused`: it did not take our credentials or gave no address. `not-relayed`: it gave one, but
 * nothing came through it. `unknown`: the server could not be asked.
 */
export type ProbeResult =
  | { readonly kind: 'works'; readonly ms: number }
  | { readonly kind: 'blocked'; readonly port: number }
  | { readonly kind: 'no-server' | 'refused' | 'not-relayed' | 'unknown' }

/** Asks the server, as the session that publishes. */
export type ProbeDoor = Pick<SignalingClient, 'request'>

/** Milliseconds: three retransmissions of a first packet that was lost (RFC 8489, 6.2.1), and a slow handshake. */
const LIMIT = 7_000

/** STUN's own codes (RFC 8489, 14.8) are answers of a server; 701 is the browser's word for none. */
const NO_ANSWER = 701

export async function probeWay(way: Way, door: ProbeDoor, clock: Clock): Promise<ProbeResult> {
  const isRelayed = way.iceServers.length > 0
  const options = await door.request('publish:probe:create', {}).catch(() => null)
  if (options === null) return { kind: 'unknown' }
  const connection = new RTCPeerConnection({
    iceServers: [...way.iceServers],
    iceTransportPolicy: isRelayed ? 'relay' : 'all',
  })
  let [hasRelay, isRefused] = [false, false]
  connection.addEventListener('icecandidate', ({ candidate }) => {
    if (candidate?.type === 'relay') hasRelay = true
  })
  connection.addEventListener('icecandidateerror', ({ errorCode }) => {
    if (errorCode !== NO_ANSWER) isRefused = true
  })
  try {
    connection.createDataChannel('probe')
    const offer = await connection.createOffer()
    const dtlsParameters = dtlsOf(offer.sdp ?? '')
    if (!dtlsParameters) return { kind: 'unknown' }
    await door.request('publish:probe:connect', { transportId: options.id, dtlsParameters })
    await connection.setLocalDescription(offer)
    const start = clock.now()
    const candidates = candidatesFor(way.id, options.iceCandidates)
    const sdp = answerFor(options, candidates)
    await connection.setRemoteDescription({ type: 'answer', sdp })
    if (await connects(connection, clock)) return { kind: 'works', ms: Math.round(clock.now() - start) }
    if (!isRelayed) return { kind: 'blocked', port: candidates[0]?.port ?? 0 }
    return { kind: hasRelay ? 'not-relayed' : isRefused ? 'refused' : 'no-server' }
  } catch (error) {
    if (error instanceof NearcastError) return { kind: 'unknown' }
    throw error
  } finally {
    connection.close()
    void door.request('publish:probe:close', { transportId: options.id }).catch(() => {})
  }
}

function connects(connection: RTCPeerConnection, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(LIMIT, () => resolve(false))
    const look = () => {
      const { connectionState } = connection
      if (connectionState !== 'connected' && connectionState !== 'failed') return
      cancel()
      resolve(connectionState === 'connected')
    }
    connection.addEventListener('connectionstatechange', look)
    look()
  })
}
