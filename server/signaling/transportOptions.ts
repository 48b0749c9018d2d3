/** A mediasoup transport as the client needs it. */
import type { IceCandidate, IceParameters, IceServer, TransportOptions } from '../../shared/rtp.ts'

/** What of a WebRTC transport the client is told. */
interface Described {
  readonly id: string
  readonly iceParameters: IceParameters
  readonly iceCandidates: IceCandidate[]
  readonly dtlsParameters: TransportOptions['dtlsParameters']
}

export function transportOptions(transport: Described, iceServers: IceServer[]): TransportOptions {
  const { id, iceParameters, iceCandidates, dtlsParameters } = transport
  return { id, iceParameters, iceCandidates, dtlsParameters, iceServers }
}
