/** Tells from a producer's scores which of its streams are being sent. Pure. */
import type { types } from 'mediasoup'

/** The little of a producer that matters here. */
type Scored = Pick<types.Producer, 'type' | 'score'>

/**
 * A stream shows up among the scores with its first RTP packet. mediasoup gives a simulcast layer the score 0 when no
 * packet of it came for 1.5 s (5 s with DTX), and a better one at its next packet; a single stream it never declares
 * dead by silence, so a score of 0 there is mere loss.
 */
export function isLayerSent(producer: Scored, layer: number): boolean {
  const stream = producer.score.find(({ encodingIdx }) => encodingIdx === layer)
  if (!stream) return false
  return producer.type !== 'simulcast' || stream.score > 0
}
