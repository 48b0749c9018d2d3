/** In charge of what the browser's counters say about what is sent: looks at `getStats()`, in a row, as figures. Pure. */
import type { Size } from '../../publish/encodings.ts'

/** One simulcast layer, or the only one. */
export interface LayerVitals {
  /** `r0` is the lowest; empty where there is only one. */
  readonly rid: string
  /** Of the frames that were encoded last; null for a layer that was never sent. */
  readonly size: Size | null
  /** Frames per second; 0 while the layer is off. */
  readonly frameRate: number
  /** Bits per second, without what was sent a second time: libwebrtc probes the uplink with retransmissions. */
  readonly bitrate: number
  /** Seconds between two key frames; null where there were none, or the browser does not count them. */
  readonly keyFrameGap: number | null
}

export interface Vitals {
  /** Milliseconds that the looks reach back. */
  readonly span: number
  /** Highest layer first. */
  readonly layers: readonly LayerVitals[]
  /** As the codec's own name, `H264`; null where nothing is sent. */
  readonly videoCodec: string | null
  /** Null in browsers that do not tell (Firefox). */
  readonly encoder: string | null
  /** What the camera or the screen gives; null while there is none. */
  readonly source: { readonly size: Size; readonly frameRate: number } | null
  /** Shares of the time, 0 to 1, for which one thing or the other kept the encoder from doing what it was asked for. */
  readonly limited: { readonly cpu: number; readonly bandwidth: number }
  readonly sound: { readonly bitrate: number; readonly isStereo: boolean; readonly isSilent: boolean } | null
  /** Milliseconds to the server and back; null before its first report. */
  readonly roundTrip: number | null
  /** Share of packets that did not arrive at first, 0 to 1. */
  readonly loss: number
  /** Bits per second that the browser believes the uplink to carry; null where it does not say. */
  readonly uplink: number | null
  /** By which way it is sent; a relay is reached by `relay`. Null while there is none. */
  readonly path: { readonly protocol: string; readonly relay: string | null } | null
}

/** The members that are read of the dictionaries that webrtc-stats names. Browsers leave out what they do not have. */
export interface Entry {
  readonly id: string
  readonly type: string
  readonly timestamp: number
  readonly kind?: string
  readonly rid?: string
  readonly bytesSent?: number
  readonly retransmittedBytesSent?: number
  readonly packetsSent?: number
  readonly packetsLost?: number
  readonly roundTripTime?: number
  readonly frameWidth?: number
  readonly frameHeight?: number
  readonly framesPerSecond?: number
  readonly keyFramesEncoded?: number
  readonly encoderImplementation?: string
  readonly qualityLimitationDurations?: Readonly<Record<string, number>>
  readonly codecId?: string
  readonly mimeType?: string
  readonly sdpFmtpLine?: string
  readonly width?: number
  readonly height?: number
  readonly totalAudioEnergy?: number
  readonly selectedCandidatePairId?: string
  readonly localCandidateId?: string
  readonly currentRoundTripTime?: number
  readonly availableOutgoingBitrate?: number
  readonly selected?: boolean
  readonly candidateType?: string
  readonly protocol?: string
  readonly relayProtocol?: string
}

/** What one look saw, by id. */
export type Look = ReadonlyMap<string, Entry>

const READ = new Set([
  'outbound-rtp',
  'remote-inbound-rtp',
  'media-source',
  'codec',
  'transport',
  'candidate-pair',
  'local-candidate',
])

/** Keeps of a report what is read of it. */
export function lookAt(report: Iterable<readonly [string, Entry]>): Look {
  return new Map([...report].filter(([, { type }]) => READ.has(type)))
}

/** Figures of the looks, oldest first; null before there are two. Rates are of the time since the look before the last. */
export function vitalsOf(looks: readonly Look[]): Vitals | null {
  const [first, before, now] = [looks[0], looks.at(-2), looks.at(-1)]
  if (!first || !before || !now) return null
  const all = (type: string, kind?: string) =>
    [...now.values()].filter((entry) => entry.type === type && (kind === undefined || entry.kind === kind))
  const video = all('outbound-rtp', 'video')
  const remote = all('remote-inbound-rtp')
  const pair = selectedPair(now)
  const local = now.get(pair?.localCandidateId ?? '')
  const trips = remote.flatMap(({ roundTripTime }) => (roundTripTime === undefined ? [] : [roundTripTime]))
  const trip = pair?.currentRoundTripTime ?? (trips.length > 0 ? Math.max(...trips) : undefined)
  return {
    span: span(first, now),
    layers: video.map((entry) => layerOf(entry, before, first)).sort((a, b) => b.rid.localeCompare(a.rid)),
    videoCodec: now.get(video[0]?.codecId ?? '')?.mimeType?.split('/')[1] ?? null,
    encoder: encoderOf(video),
    source: sourceOf(all('media-source', 'video')[0]),
    limited: { cpu: limitedBy('cpu', video, first), bandwidth: limitedBy('bandwidth', video, first) },
    sound: soundOf(all('outbound-rtp', 'audio')[0], now, before, all('media-source', 'audio')[0], first),
    roundTrip: trip === undefined ? null : Math.round(trip * 1000),
    loss: lossOf(remote, all('outbound-rtp'), first),
    uplink: pair?.availableOutgoingBitrate ?? null,
    path: local ? { protocol: local.protocol ?? 'udp', relay: relayOf(local) } : null,
  }
}

function layerOf(now: Entry, before: Look, first: Look): LayerVitals {
  const { rid = '', frameWidth: width, frameHeight: height, framesPerSecond = 0 } = now
  const bitrate = rateOf(now, before.get(now.id))
  const keyFrames = grown('keyFramesEncoded', now, first.get(now.id))
  const seconds = (now.timestamp - (first.get(now.id)?.timestamp ?? now.timestamp)) / 1000
  return {
    rid,
    size: width && height ? { width, height } : null,
    frameRate: bitrate > 0 ? Math.round(framesPerSecond) : 0,
    bitrate,
    keyFrameGap: bitrate > 0 && keyFrames > 0 ? Math.round((seconds / keyFrames) * 10) / 10 : null,
  }
}

/** Chromium names the encoder of each layer inside that of all: "SimulcastEncoderAdapter (OpenH264, OpenH264)". */
function encoderOf(video: readonly Entry[]): string | null {
  const name = video.find(({ encoderImplementation }) => encoderImplementation)?.encoderImplementation
  if (!name || name === 'unknown') return null
  const inner = /^\w+ \((.+)\)$/.exec(name)?.[1] ?? name
  return [...new Set(inner.split(', '))].join(', ')
}

function sourceOf(entry: Entry | undefined): Vitals['source'] {
  const { width, height, framesPerSecond = 0 } = entry ?? {}
  return width && height ? { size: { width, height }, frameRate: Math.round(framesPerSecond) } : null
}

/** The layer that suffers most decides. */
function limitedBy(reason: string, video: readonly Entry[], first: Look): number {
  const shares = video.map(({ id, timestamp, qualityLimitationDurations: durations }) => {
    const { timestamp: since = timestamp, qualityLimitationDurations: earlier } = first.get(id) ?? {}
    const seconds = (timestamp - since) / 1000
    return seconds > 0 ? ((durations?.[reason] ?? 0) - (earlier?.[reason] ?? 0)) / seconds : 0
  })
  return Math.min(1, Math.max(0, ...shares))
}

function soundOf(
  sent: Entry | undefined,
  now: Look,
  before: Look,
  source: Entry | undefined,
  first: Look,
): Vitals['sound'] {
  if (!sent) return null
  const heard = source?.totalAudioEnergy
  return {
    bitrate: rateOf(sent, before.get(sent.id)),
    // What the server asked for, which is what is sent (RFC 7587, 6.1).
    isStereo: /(^|;)stereo=1/.test(now.get(sent.codecId ?? '')?.sdpFmtpLine ?? ''),
    isSilent: heard !== undefined && source !== undefined && heard <= (first.get(source.id)?.totalAudioEnergy ?? -1),
  }
}

function lossOf(remote: readonly Entry[], sent: readonly Entry[], first: Look): number {
  const total = (name: 'packetsLost' | 'packetsSent', entries: readonly Entry[]) =>
    entries.reduce((sum, entry) => sum + grown(name, entry, first.get(entry.id)), 0)
  const packets = total('packetsSent', sent)
  return packets > 0 ? Math.min(1, total('packetsLost', remote) / packets) : 0
}

/** Firefox has no entry for the transport and marks the pair instead. */
function selectedPair(look: Look): Entry | undefined {
  const entries = [...look.values()]
  const id = entries.find(({ type }) => type === 'transport')?.selectedCandidatePairId
  return id === undefined ? entries.find(({ selected }) => selected === true) : look.get(id)
}

function relayOf({ candidateType, relayProtocol }: Entry): string | null {
  return candidateType === 'relay' ? (relayProtocol ?? 'udp') : null
}

function rateOf(now: Entry, before: Entry | undefined): number {
  const seconds = before ? (now.timestamp - before.timestamp) / 1000 : 0
  const bytes = freshBytes(now) - (before ? freshBytes(before) : 0)
  return seconds > 0 && bytes > 0 ? Math.round((bytes * 8) / seconds) : 0
}

function freshBytes({ bytesSent = 0, retransmittedBytesSent = 0 }: Entry): number {
  return bytesSent - retransmittedBytesSent
}

/** By how much a counter grew; 0 for one that began anew. */
function grown(
  name: 'keyFramesEncoded' | 'packetsLost' | 'packetsSent',
  now: Entry,
  before: Entry | undefined,
): number {
  return before === undefined ? 0 : Math.max(0, (now[name] ?? 0) - (before[name] ?? 0))
}

function span(first: Look, last: Look): number {
  const time = (look: Look) => Math.max(0, ...[...look.values()].map(({ timestamp }) => timestamp))
  return time(last) - time(first)
}
