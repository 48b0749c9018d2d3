/**
 * What mediasoup and mediasoup-client say to each other, as bounded schemas: structure and sizes are checked here,
 * meaning by mediasoup itself (its `ortc` module throws a TypeError, which the door turns into `bad-message`).
 */
import * as v from 'valibot'

const shortText = v.pipe(v.string(), v.maxLength(256))
const uint = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(max))
const ssrc = uint(0xffff_ffff)
const payloadType = uint(127)
const kind = v.picklist(['audio', 'video'])
const codecParameters = v.record(shortText, v.union([shortText, v.number(), v.boolean()]))
const rtcpFeedback = v.pipe(
  v.array(v.object({ type: shortText, parameter: v.exactOptional(shortText) })),
  v.maxLength(16),
)

/** Header extensions mediasoup knows (`RtpHeaderExtensionUri`). */
const headerExtensionUri = v.picklist([
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension',
  'urn:3gpp:video-orientation',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time',
  'urn:ietf:params:rtp-hdrext:toffset',
  'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay',
  'urn:mediasoup:params:rtp-hdrext:packet-id',
])

/** What a browser can decode; mediasoup's `RtpCapabilities`. */
export const rtpCapabilitiesSchema = v.object({
  codecs: v.pipe(
    v.array(
      v.object({
        kind,
        mimeType: shortText,
        preferredPayloadType: payloadType,
        clockRate: uint(384_000),
        channels: v.exactOptional(uint(16)),
        parameters: v.exactOptional(codecParameters),
        rtcpFeedback: v.exactOptional(rtcpFeedback),
      }),
    ),
    v.maxLength(64),
  ),
  headerExtensions: v.pipe(
    v.array(
      v.object({
        kind,
        uri: headerExtensionUri,
        preferredId: uint(255),
        preferredEncrypt: v.exactOptional(v.boolean()),
        direction: v.exactOptional(v.picklist(['sendrecv', 'sendonly', 'recvonly', 'inactive'])),
      }),
    ),
    v.maxLength(64),
  ),
})

/** What a browser sends; mediasoup's `RtpParameters`. */
export const rtpParametersSchema = v.object({
  mid: v.exactOptional(shortText),
  msid: v.exactOptional(shortText),
  codecs: v.pipe(
    v.array(
      v.object({
        mimeType: shortText,
        payloadType,
        clockRate: uint(384_000),
        channels: v.exactOptional(uint(16)),
        parameters: v.exactOptional(codecParameters),
        rtcpFeedback: v.exactOptional(rtcpFeedback),
      }),
    ),
    v.minLength(1),
    v.maxLength(8),
  ),
  headerExtensions: v.exactOptional(
    v.pipe(
      v.array(
        v.object({
          uri: headerExtensionUri,
          id: uint(255),
          encrypt: v.exactOptional(v.boolean()),
          parameters: v.exactOptional(codecParameters),
        }),
      ),
      v.maxLength(32),
    ),
  ),
  encodings: v.exactOptional(
    v.pipe(
      v.array(
        v.object({
          ssrc: v.exactOptional(ssrc),
          rid: v.exactOptional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9]{1,16}$/))),
          codecPayloadType: v.exactOptional(payloadType),
          rtx: v.exactOptional(v.object({ ssrc })),
          dtx: v.exactOptional(v.boolean()),
          scalabilityMode: v.exactOptional(v.pipe(v.string(), v.regex(/^[LS][1-3]T[1-3](_KEY)?(_SHIFT)?h?$/))),
          maxBitrate: v.exactOptional(uint(100_000_000)),
        }),
      ),
      v.maxLength(4),
    ),
  ),
  rtcp: v.exactOptional(v.object({ cname: v.exactOptional(shortText), reducedSize: v.exactOptional(v.boolean()) })),
})

/** An empty fingerprint list must never reach the worker; mediasoup's `DtlsParameters`. */
export const dtlsParametersSchema = v.object({
  role: v.exactOptional(v.picklist(['auto', 'client', 'server'])),
  fingerprints: v.pipe(
    v.array(
      v.object({
        algorithm: v.picklist(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']),
        value: v.pipe(v.string(), v.regex(/^([0-9A-F]{2}:){19,63}[0-9A-F]{2}$/i)),
      }),
    ),
    v.minLength(1),
    v.maxLength(8),
  ),
})

export type RtpCapabilities = v.InferOutput<typeof rtpCapabilitiesSchema>
export type RtpParameters = v.InferOutput<typeof rtpParametersSchema>
export type DtlsParameters = v.InferOutput<typeof dtlsParametersSchema>
export type MediaKind = v.InferOutput<typeof kind>

export interface IceParameters {
  usernameFragment: string
  password: string
  iceLite?: boolean
}

export interface IceCandidate {
  foundation: string
  priority: number
  ip: string
  address: string
  protocol: 'udp' | 'tcp'
  port: number
  type: 'host'
  tcpType?: 'passive'
}

/** `RTCIceServer` with credentials that live minutes. */
export interface IceServer {
  urls: string[]
  username?: string
  credential?: string
}

/** The server's end of SCTP; sizes in bytes. mediasoup's `SctpParameters` as far as browsers are told. */
export interface SctpParameters {
  port: number
  maxSendMessageSize: number
  maxReceiveMessageSize: number
  OS: number
  MIS: number
  maxMessageSize: number
}

export interface SctpStreamParameters {
  streamId: number
  ordered?: boolean
}

/** What a client needs to make its end of a WebRTC transport. */
export interface TransportOptions {
  id: string
  iceParameters: IceParameters
  iceCandidates: IceCandidate[]
  dtlsParameters: DtlsParameters
  /** Of a viewer's transport, which can carry a data channel. */
  sctpParameters?: SctpParameters
  iceServers: IceServer[]
}
