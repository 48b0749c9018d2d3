/** In charge of saying what is really sent: the browser's counters, two looks apart, as figures for a person. */

/** One simulcast layer, or the sound. */
export interface SentStream {
  readonly kind: 'audio' | 'video'
  /** `r0` is the lowest layer; empty where there is only one. */
  readonly rid: string
  /** Pixels; null for sound and for a layer that was never sent. */
  readonly size: { readonly width: number; readonly height: number } | null
  /** Frames per second; 0 while the layer is off. */
  readonly frameRate: number
  /** Bits per second, without what was sent a second time: libwebrtc probes the uplink with retransmissions. */
  readonly bitrate: number
}

export interface SentFigures {
  /** Video from the highest layer down, then the sound. */
  readonly streams: readonly SentStream[]
  /** What keeps the encoder from doing all that it was asked for. */
  readonly limitedBy: 'bandwidth' | 'cpu' | null
  /** Milliseconds; null before the server's first report. */
  readonly roundTrip: number | null
  /** Share of packets that the server misses, 0 to 1, largest of all streams. */
  readonly loss: number
}

/** The members of `RTCOutboundRtpStreamStats` and `RTCRemoteInboundRtpStreamStats` that are read (webrtc-stats). */
interface Entry {
  readonly id: string
  readonly type: string
  readonly timestamp: number
  readonly kind?: string
  readonly rid?: string
  readonly bytesSent?: number
  readonly retransmittedBytesSent?: number
  readonly frameWidth?: number
  readonly frameHeight?: number
  readonly framesPerSecond?: number
  readonly qualityLimitationReason?: string
  readonly roundTripTime?: number
  readonly fractionLost?: number
}

/** Counters of one look, by id: a report of `getStats()`. */
export type SentReport = Iterable<readonly [string, Entry]>

/** Figures of the time between two looks; rates are 0 for what the earlier one lacks. */
export function sentFigures(before: SentReport, now: SentReport): SentFigures {
  const earlier = new Map(before)
  const entries = [...now].map(([, entry]) => entry)
  const outbound = entries.filter(({ type }) => type === 'outbound-rtp')
  const remote = entries.filter(({ type }) => type === 'remote-inbound-rtp')
  const reasons = outbound.map(({ qualityLimitationReason }) => qualityLimitationReason)
  const trips = remote.flatMap(({ roundTripTime }) => (roundTripTime === undefined ? [] : [roundTripTime * 1000]))
  return {
    streams: outbound.map((entry) => streamOf(earlier.get(entry.id), entry)).sort(byRank),
    limitedBy: reasons.includes('cpu') ? 'cpu' : reasons.includes('bandwidth') ? 'bandwidth' : null,
    roundTrip: trips.length > 0 ? Math.round(Math.max(...trips)) : null,
    loss: Math.max(0, ...remote.map(({ fractionLost }) => fractionLost ?? 0)),
  }
}

function streamOf(before: Entry | undefined, now: Entry): SentStream {
  const seconds = before ? (now.timestamp - before.timestamp) / 1000 : 0
  const bytes = freshBytes(now) - (before ? freshBytes(before) : 0)
  const { frameWidth: width, frameHeight: height } = now
  const bitrate = seconds > 0 && bytes > 0 ? Math.round((bytes * 8) / seconds) : 0
  return {
    kind: now.kind === 'audio' ? 'audio' : 'video',
    rid: now.rid ?? '',
    size: width && height ? { width, height } : null,
    frameRate: bitrate > 0 ? Math.round(now.framesPerSecond ?? 0) : 0,
    bitrate,
  }
}

function freshBytes({ bytesSent = 0, retransmittedBytesSent = 0 }: Entry): number {
  return bytesSent - retransmittedBytesSent
}

function byRank(a: SentStream, b: SentStream): number {
  if (a.kind !== b.kind) return a.kind === 'video' ? -1 : 1
  return b.rid.localeCompare(a.rid)
}
