/** A mediasoup transport as the client needs it. */
import type { IceCandidate, IceParameters, IceServer, SctpParameters, TransportOptions } from '../../shared/rtp.ts'

/** What of a WebRTC transport the client is told. */
interface Described {
  readonly id: string
  readonly iceParameters: IceParameters
  readonly iceCandidates: IceCandidate[]
  readonly dtlsParameters: TransportOptions['dtlsParameters']
  /** Where data channels are possible. */
  readonly sctpParameters?: SctpParameters | undefined
}

export function transportOptions(transport: Described, iceServers: IceServer[]): TransportOptions {
  const { id, iceParameters, iceCandidates, dtlsParameters } = transport
  const options = { id, iceParameters, iceCandidates, dtlsParameters, iceServers }
  return transport.sctpParameters ? { ...options, sctpParameters: browserSctp(transport.sctpParameters) } : options
}

function browserSctp(parameters: SctpParameters): SctpParameters {
  const { port, maxSendMessageSize, maxReceiveMessageSize, OS, MIS, maxMessageSize } = parameters
  return { port, maxSendMessageSize, maxReceiveMessageSize, OS, MIS, maxMessageSize }
}
