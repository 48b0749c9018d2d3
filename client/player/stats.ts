/** In charge of reading `getStats()`: what has arrived, and what is new since the last look. Pure. */
import type { Flow } from './policyState.ts'

/** Sums over the tracks of one connection. */
export interface InboundFacts {
  readonly packets: number
  /** Those of the picture. */
  readonly videoPackets: number
  /** Packets that did not come, of picture and sound. */
  readonly lost: number
  readonly framesDecoded: number
  /**
   * When the frame shown now was captured, in milliseconds since the Unix epoch on the clock of the sender reports,
   * which is the SFU's; null until one came. (webrtc-stats: `estimatedPlayoutTimestamp`, in NTP time.)
   */
  readonly capturedAt: number | null
  /** When that was so, in milliseconds since the Unix epoch on this page's clock; null while there is none. */
  readonly takenAt: number | null
}

export const noFacts: InboundFacts = {
  packets: 0,
  videoPackets: 0,
  lost: 0,
  framesDecoded: 0,
  capturedAt: null,
  takenAt: null,
}

/** Seconds between the NTP epoch (1900) and Unix's (RFC 5905, figure 4), in milliseconds. */
const NTP_EPOCH_MS = 2_208_988_800_000

/** The members used here of the dictionaries that webrtc-stats names. Browsers leave out what they do not have. */
interface StatsEntry {
  readonly type: string
  readonly kind?: string
  readonly mid?: string
  readonly timestamp?: number
  readonly packetsReceived?: number
  readonly packetsLost?: number
  readonly framesDecoded?: number
  readonly estimatedPlayoutTimestamp?: number
}

/** Counts the received streams. mediasoup's bandwidth probes (mid `probator`) say nothing about the broadcaster. */
export function inboundFacts(entries: Iterable<StatsEntry>): InboundFacts {
  let facts = noFacts
  for (const entry of entries) {
    if (entry.type !== 'inbound-rtp' || entry.mid === 'probator') continue
    const isVideo = entry.kind === 'video'
    const packets = entry.packetsReceived ?? 0
    const ntp = entry.estimatedPlayoutTimestamp
    const tells = ntp !== undefined && ntp > 0 && (isVideo || facts.capturedAt === null)
    facts = {
      packets: facts.packets + packets,
      videoPackets: facts.videoPackets + (isVideo ? packets : 0),
      lost: facts.lost + (entry.packetsLost ?? 0),
      framesDecoded: facts.framesDecoded + (entry.framesDecoded ?? 0),
      capturedAt: tells ? unixTime(ntp) : facts.capturedAt,
      takenAt: tells ? (entry.timestamp ?? null) : facts.takenAt,
    }
  }
  return facts
}

/**
 * Seconds from capture to being shown, by a report that was asked for and came at these instants of this page's clock:
 * a page that is busy gets it late, and what it says was true when it was drawn up. `now` is the time when it came, on the
 * clock of `capturedAt`. Null while no capture is known.
 */
export function latencyOf(
  { capturedAt, takenAt }: InboundFacts,
  asked: number,
  came: number,
  now: number,
): number | null {
  if (capturedAt === null) return null
  const since = takenAt === null ? 0 : Math.min(Math.max(0, came - takenAt), came - asked)
  return (now - since - capturedAt) / 1000
}

/**
 * What happened between two looks. A new connection starts at zero again: anything it has counts as new. Whether there
 * is `video` to be decoded is for the consumers to say: until its first packet the browser has no entry for it.
 */
export function flowBetween(before: InboundFacts, after: InboundFacts, video: boolean): Flow {
  const rtp = after.packets !== before.packets
  const frames = video ? after.framesDecoded !== before.framesDecoded : rtp
  // Packets that come late take a loss back.
  const lost = Math.max(0, after.lost - before.lost)
  return {
    rtp,
    frames,
    stuck: video && !frames && after.videoPackets !== before.videoPackets,
    lost,
    expected: Math.max(0, after.packets - before.packets) + lost,
  }
}

/** Chromium has given Unix time here in some versions and NTP time in others; they are 70 years apart. */
function unixTime(timestamp: number): number {
  return timestamp > NTP_EPOCH_MS + 1e12 ? timestamp - NTP_EPOCH_MS : timestamp
}
