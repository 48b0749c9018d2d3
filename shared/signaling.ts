/**
 * The socket.io protocol, declared once: handshake, requests with their schemas and answers, notices.
 * PROTOCOL.md tells it in words; a test holds both equal.
 */
import * as v from 'valibot'
import type { BroadcastState, HttpDelivery, RecordingState, ViewerCounts } from './broadcast.ts'
import {
  type ChatAnswers,
  type ChatNotices,
  chatMessageSchema,
  chatPersonSchema,
  chatReactSchema,
  chatReadSchema,
  chatRulesSchema,
  chatSaySchema,
  chatSendSchema,
} from './chat.ts'
import type { ErrorBody } from './errors.ts'
import { broadcastIdSchema, mediaIdSchema, publishKeySchema, viewerSessionSchema } from './ids.ts'
import { PROTOCOL_VERSION } from './protocol.ts'
import {
  dtlsParametersSchema,
  type IceParameters,
  type IceServer,
  type MediaKind,
  type RtpCapabilities,
  type RtpParameters,
  rtpCapabilitiesSchema,
  rtpParametersSchema,
  type SctpStreamParameters,
  type TransportOptions,
} from './rtp.ts'

/** `auth` of the socket.io handshake. Whoever publishes shows the key here and nowhere else. */
export const handshakeSchema = v.variant('role', [
  v.strictObject({
    version: v.literal(PROTOCOL_VERSION),
    role: v.literal('broadcaster'),
    broadcastId: broadcastIdSchema,
    publishKey: publishKeySchema,
  }),
  v.strictObject({
    version: v.literal(PROTOCOL_VERSION),
    role: v.literal('viewer'),
    broadcastId: broadcastIdSchema,
    session: v.exactOptional(viewerSessionSchema),
  }),
])
export type Handshake = v.InferOutput<typeof handshakeSchema>

/** Where a producer's track comes from. A screen share replaces the camera's track inside the camera's producer. */
export const mediaSources = ['camera', 'microphone'] as const
export type MediaSource = (typeof mediaSources)[number]

/** How a viewer gets the picture now. */
export const playerTransports = ['webrtc', 'mse', 'llhls', 'hls', 'native-hls'] as const
export type PlayerTransport = (typeof playerTransports)[number]

/** Which kinds of seats a viewer can use and wants; of others it is promised none, and blocks no line. */
const seatWishesSchema = v.strictObject({ webrtc: v.boolean(), mse: v.boolean() })
export type SeatWishes = v.InferOutput<typeof seatWishesSchema>

/** What a viewer may have now: to start anything else would be refused. */
export interface SeatView {
  webrtc: boolean
  mse: boolean
}

/** No live viewer is farther behind, in milliseconds: whoever watches the past is in step with nobody. */
const MAX_LEAST_MS = 120_000

const nothing = v.strictObject({})
const transportId = v.strictObject({ transportId: mediaIdSchema })
const connectTransport = v.strictObject({ transportId: mediaIdSchema, dtlsParameters: dtlsParametersSchema })

/** Requests a broadcaster may make: name → schema of the one argument before the ack. */
export const broadcasterRequests = {
  /** Takes up the broadcast. `transportId` names a transport that may still be alive after the socket dropped. */
  'publish:join': v.strictObject({ transportId: v.exactOptional(mediaIdSchema) }),
  'publish:transport:create': nothing,
  'publish:transport:connect': connectTransport,
  'publish:transport:restart-ice': transportId,
  'publish:produce': v.strictObject({
    transportId: mediaIdSchema,
    source: v.picklist(mediaSources),
    rtpParameters: rtpParametersSchema,
  }),
  /** A transport that carries nothing: by it a page finds out whether UDP, TCP or TURN gets through. Lives 20 s. */
  'publish:probe:create': nothing,
  'publish:probe:connect': connectTransport,
  'publish:probe:close': transportId,
  'publish:producer:close': v.strictObject({ producerId: mediaIdSchema }),
  /** What the broadcaster switched off; the tracks go on, silent and black. */
  'publish:status': v.strictObject({ muted: v.boolean(), cameraOff: v.boolean(), screen: v.boolean() }),
  'publish:end': nothing,
  'chat:read': chatReadSchema,
  'chat:say': chatSaySchema,
  'chat:delete': chatMessageSchema,
  /** Blocks who wrote the message, and deletes what they wrote. */
  'chat:block': chatMessageSchema,
  'chat:unblock': chatPersonSchema,
  /** `slow`: seconds between two messages of one viewer; 0 is off. */
  'chat:configure': chatRulesSchema,
  'ice-servers': nothing,
  clock: nothing,
} as const

/** Requests a viewer may make. */
export const viewerRequests = {
  'watch:join': v.strictObject({ wants: v.exactOptional(seatWishesSchema) }),
  'watch:transport:create': nothing,
  'watch:transport:connect': connectTransport,
  'watch:transport:restart-ice': transportId,
  'watch:transport:close': transportId,
  /** Makes paused consumers of all that the browser can decode and does not have yet. */
  'watch:consume': v.strictObject({ transportId: mediaIdSchema, rtpCapabilities: rtpCapabilitiesSchema }),
  'watch:consumer:resume': v.strictObject({ consumerId: mediaIdSchema }),
  /** The highest simulcast layer the viewer wants, 0 = lowest. */
  'watch:consumer:layer': v.strictObject({
    consumerId: mediaIdSchema,
    layer: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(3)),
  }),
  /** By which transport the picture comes now; null while there is none. Counted, never trusted for more. */
  'watch:report': v.strictObject({
    transport: v.nullable(v.picklist(playerTransports)),
    wants: v.exactOptional(seatWishesSchema),
  }),
  /**
   * Joins those who show the same instant, or says anew how near to live the viewer could be: milliseconds behind
   * capture. Null leaves them.
   */
  'watch:sync': v.strictObject({ least: v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_LEAST_MS))) }),
  /** Makes the data channel by which viewers on WebRTC get what everyone is told: one a transport. */
  'watch:channel:create': transportId,
  /** The browser receives by it: what it brings need not come over the socket as well. */
  'watch:channel:open': v.strictObject({ channelId: mediaIdSchema }),
  'chat:read': chatReadSchema,
  'chat:send': chatSendSchema,
  'chat:react': chatReactSchema,
  'ice-servers': nothing,
  clock: nothing,
} as const

/** One quality of the picture over HTTP, and as long as nothing is transcoded the simulcast layer of the same number. */
export interface Rung {
  /** `v0` is the lowest. */
  id: string
  /** Pixels. */
  width: number
  height: number
}

/** What the other side is doing, as a viewer or the studio shows it. */
export interface BroadcastView {
  id: string
  title: string
  state: BroadcastState
  /** Whether RTP is arriving from the broadcaster at present. */
  sending: boolean
  muted: boolean
  cameraOff: boolean
  screen: boolean
  /** Milliseconds since the Unix epoch on the server's clock, or null. */
  startedAt: number | null
  /** While interrupted: when the grace period ends, on the server's clock. */
  endsAt: number | null
  viewers: ViewerCounts
  recording: RecordingState
  http: HttpDelivery
  /** The video is transcoded for HTTP delivery, since its codec cannot be copied. */
  converted: boolean
  /** Qualities that are sent now, lowest first; none until they are known from the bytes. */
  rungs: Rung[]
  /** Which build of our pages the server has: a page of another one is older than the server. */
  build: string
  /** Seconds that viewers can go back while it is live; 0: not at all. */
  timeShift: number
}

export interface ProducerView {
  id: string
  kind: MediaKind
  source: MediaSource
}

export interface ConsumerOptions {
  id: string
  producerId: string
  kind: MediaKind
  rtpParameters: RtpParameters
  source: MediaSource
}

/** A data channel that both ends take for agreed on (`negotiated`). */
export interface ChannelOptions {
  id: string
  dataProducerId: string
  sctpStreamParameters: SctpStreamParameters
}

/** Answers, request by request. */
export interface Answers extends ChatAnswers {
  'publish:join': {
    broadcast: BroadcastView
    rtpCapabilities: RtpCapabilities
    iceServers: IceServer[]
    /** The transport and producers named by the request are still there: nothing needs to be negotiated again. */
    resumed: boolean
    /** Milliseconds that the broadcast waits for a source that is gone before it ends. */
    gracePeriod: number
  }
  'publish:transport:create': TransportOptions
  'publish:transport:connect': null
  'publish:transport:restart-ice': { iceParameters: IceParameters; iceServers: IceServer[] }
  'publish:produce': { producerId: string }
  'publish:probe:create': TransportOptions
  'publish:probe:connect': null
  'publish:probe:close': null
  'publish:producer:close': null
  'publish:status': null
  'publish:end': null
  'watch:join': {
    /** Shown in the next handshake to take up the same seat. */
    session: string
    broadcast: BroadcastView
    /** Null while nobody sends: there is no router yet. */
    rtpCapabilities: RtpCapabilities | null
    producers: ProducerView[]
    iceServers: IceServer[]
    seats: SeatView
    /** Path of the multivariant playlist. */
    hls: string
    /** Path of the MSE push. */
    mse: string
  }
  'watch:transport:create': TransportOptions
  'watch:transport:connect': null
  'watch:transport:restart-ice': { iceParameters: IceParameters; iceServers: IceServer[] }
  'watch:transport:close': null
  'watch:consume': {
    consumers: ConsumerOptions[]
    /** Producers whose codec this browser lacks. */
    refused: ProducerView[]
  }
  'watch:consumer:resume': null
  'watch:consumer:layer': null
  'watch:report': null
  /** As in the notice `sync`. */
  'watch:sync': { delay: number | null }
  'watch:channel:create': ChannelOptions
  'watch:channel:open': null
  'ice-servers': { iceServers: IceServer[] }
  /** Server's wall clock in milliseconds, read when the request was handled. */
  clock: { now: number }
}

/** What the server tells without being asked: name → payload. */
export interface Notices extends ChatNotices {
  /** Sent after joining and at every change. */
  broadcast: BroadcastView
  /** To viewers: the set of producers changed; consume again. */
  producers: { producers: ProducerView[]; rtpCapabilities: RtpCapabilities | null }
  /** To a viewer: what it may have now has changed. A WebRTC seat is kept for it for ten seconds. */
  seats: SeatView
  /** To viewers who are in step: milliseconds behind capture that all of them show from now on; null: each its own. */
  sync: { delay: number | null }
  /** To viewers: this consumer is no more. */
  'consumer:closed': { consumerId: string }
  /** The transport is no more (ICE consent lost, DTLS closed): make a new one. */
  'transport:closed': { transportId: string }
  /** The media worker died and was replaced: transports, producers and consumers are gone; make new ones. */
  'sfu:replaced': Record<string, never>
  /** Last words before the server disconnects; `retryable` in the error table says whether to come back. */
  closed: ErrorBody
}

export type Reply<T> = { ok: true; value: T } | { ok: false; error: ErrorBody }

export type BroadcasterRequest = keyof typeof broadcasterRequests
export type ViewerRequest = keyof typeof viewerRequests
export type RequestName = BroadcasterRequest | ViewerRequest

/** The argument of a request after validation. */
export type Params<Name extends RequestName> = Name extends BroadcasterRequest
  ? v.InferOutput<(typeof broadcasterRequests)[Name]>
  : Name extends ViewerRequest
    ? v.InferOutput<(typeof viewerRequests)[Name]>
    : never

/** socket.io's event map from client to server. */
export type ClientEvents = {
  [Name in RequestName]: (params: Params<Name>, ack: (reply: Reply<Answers[Name]>) => void) => void
}

/** socket.io's event map from server to client. */
export type ServerEvents = { [Name in keyof Notices]: (payload: Notices[Name]) => void }
