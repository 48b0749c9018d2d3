/** The public facts of a broadcast, and what may be asked of the HTTP API. */
import * as v from 'valibot'

export const broadcastStates = ['idle', 'live', 'interrupted', 'ended'] as const
export type BroadcastState = (typeof broadcastStates)[number]

export const visibilities = ['unlisted', 'public'] as const
export type Visibility = (typeof visibilities)[number]

/** Why a recording ended before its broadcast: the disk was full or failed, or the recording reached its largest size. */
export const recordingStops = ['disk-full', 'disk-failed', 'too-large'] as const
export type RecordingStop = (typeof recordingStops)[number]

/** `off`: not wanted. `on`: wanted, and nothing stands against it. `kept`: it is over and can be watched. */
export type RecordingState = 'off' | 'on' | 'kept' | RecordingStop

/** At most 120 characters, none of them a control character. */
const titleSchema = v.pipe(v.string(), v.trim(), v.maxLength(120), v.regex(/^\P{Cc}*$/u))

/** Body of `POST /api/broadcasts`. */
export const createBroadcastSchema = v.strictObject({
  title: v.optional(titleSchema, ''),
  visibility: v.optional(v.picklist(visibilities), 'unlisted'),
  record: v.optional(v.boolean(), false),
})
export type CreateBroadcast = v.InferOutput<typeof createBroadcastSchema>

/** Body of `PATCH /api/broadcasts/:id`; at least one member. */
export const patchBroadcastSchema = v.pipe(
  v.strictObject({
    title: v.exactOptional(titleSchema),
    visibility: v.exactOptional(v.picklist(visibilities)),
    record: v.exactOptional(v.boolean()),
  }),
  v.check((body) => Object.keys(body).length > 0, 'Name at least one of title, visibility, record.'),
)
export type PatchBroadcast = v.InferOutput<typeof patchBroadcastSchema>

/** How many people watch, by the transport they watch on. `webrtc + mse + hls` may be below `total`: some are between. */
export interface ViewerCounts {
  total: number
  webrtc: number
  mse: number
  hls: number
}

/**
 * Whether HTTP delivery has something to play, and if it has not, why: `no-http-delivery` for good (the codec),
 * `transcoders-busy` until the server has transcoded another broadcast to its end.
 */
export type HttpDelivery = 'ready' | 'preparing' | 'no-http-delivery' | 'transcoders-busy'

/** One quality of the ladder, as measured from the bytes that are sent. */
export interface RenditionFacts {
  id: string
  kind: 'video' | 'audio'
  /** RFC 6381 codec string, from the real parameter sets. */
  codecs: string
  width: number | null
  height: number | null
  /** Frames per second. */
  frameRate: number | null
  /** Measured peak, bits per second. */
  bandwidth: number
  /** Whether it is being sent at present. */
  present: boolean
}

/** A recording of a broadcast that is over. */
export interface RecordingFacts {
  /** ISO 8601: when the broadcast was over. */
  endedAt: string
  /** Seconds of media, interruptions not counted. */
  duration: number
  /** On disk. */
  bytes: number
  /** Why it ended before the broadcast did, or null. */
  stopped: RecordingStop | null
  /** One MP4, made when it is asked for. */
  download: string
}

/** Absolute URLs of a broadcast. */
export interface BroadcastUrls {
  watch: string
  studio: string
  embed: string
  hls: string
  /** While live: HLS of as much as can be gone back to. */
  window: string
  /** JPEG of the newest picture; 404 while there is none. */
  poster: string
  dash: string
  mse: string
  whip: string
  whep: string
}

/** What `GET /api/broadcasts/:id` tells anyone who has the link. */
export interface BroadcastFacts {
  id: string
  title: string
  visibility: Visibility
  state: BroadcastState
  /** ISO 8601, or null before the first time it was live. */
  startedAt: string | null
  viewers: ViewerCounts
  renditions: RenditionFacts[]
  /** Whether it is to be recorded. */
  record: boolean
  /** What can be watched and downloaded afterwards, or null. */
  recording: RecordingFacts | null
  /** Null when nobody sends or watches it. */
  http: HttpDelivery | null
  /** The video is transcoded for HTTP delivery. */
  converted: boolean
  urls: BroadcastUrls
}

/** Answer of `POST /api/broadcasts`: the key is shown this once. */
export interface CreatedBroadcast extends Pick<BroadcastFacts, 'id' | 'title' | 'state' | 'urls'> {
  publishKey: string
}
