/** What is pushed over the WebSocket of `GET /mse/:id`: the JSON text frame, and the two bytes before binary frames. */
import * as v from 'valibot'
import { type ErrorCode, errorTable } from './errors.ts'

/** Version of the push; another one is another form of the frames. */
export const MSE_VERSION = 1

/** Bytes before the media of a binary frame: track id, kind. */
export const MSE_HEADER_BYTES = 2

/** Second byte of a binary frame. */
export const mseKinds = { init: 0, chunk: 1, idr: 2 } as const

const mseTrackSchema = v.object({
  /** First byte of the track's binary frames. */
  id: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)),
  /** For `MediaSource.isTypeSupported`. */
  mime: v.pipe(v.string(), v.regex(/^(video|audio)\/mp4; codecs="[\w.]{1,64}"$/)),
  rendition: v.pipe(v.string(), v.regex(/^[\w-]{1,32}$/)),
})

/**
 * A track of pictures, a track of sound, or both. The init segments of tracks that are new follow; those of all, when
 * pictures or sound were not there before, or are no longer.
 */
export const mseInitSchema = v.object({
  type: v.literal('init'),
  version: v.literal(MSE_VERSION),
  tracks: v.pipe(v.array(mseTrackSchema), v.minLength(1), v.maxLength(2)),
  /** Wall clock of media time 0 on the server's clock, milliseconds since the Unix epoch. */
  timeOrigin: v.pipe(v.number(), v.finite()),
})

export type MseInit = v.InferOutput<typeof mseInitSchema>

/** The close code that goes with an error (its code is the close reason): 4000 and its HTTP status. RFC 6455, 7.4.2. */
export function mseCloseCode(code: ErrorCode): number {
  return 4000 + errorTable[code].status
}
