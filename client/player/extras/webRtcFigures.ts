/** In charge of reading a player's figures out of `getStats()` (webrtc-stats). Pure. */
import { type Figures, NO_FIGURES } from '../figures.ts'

/** The members used here. Browsers leave out what they do not have. */
interface StatsEntry {
  readonly id: string
  readonly type: string
  readonly kind?: string
  readonly mid?: string
  readonly bytesReceived?: number
  readonly packetsReceived?: number
  readonly packetsLost?: number
  readonly framesDecoded?: number
  readonly framesDropped?: number
  readonly jitterBufferDelay?: number
  readonly jitterBufferEmittedCount?: number
  readonly codecId?: string
  readonly mimeType?: string
  readonly sdpFmtpLine?: string
  readonly nominated?: boolean
  readonly state?: string
  readonly currentRoundTripTime?: number
  readonly localCandidateId?: string
  readonly candidateType?: string
  readonly protocol?: string
  readonly relayProtocol?: string
}

export function webRtcFigures(entries: Iterable<StatsEntry>): Figures {
  const all = [...entries]
  // mediasoup's bandwidth probes are no media.
  const inbound = all.filter(({ type, mid }) => type === 'inbound-rtp' && mid !== 'probator')
  const video = inbound.find(({ kind }) => kind === 'video')
  const pair = all.find(({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded')
  const codec = all.find(({ id }) => id === (video ?? inbound[0])?.codecId)
  const local = all.find(({ id }) => id === pair?.localCandidateId)
  const sum = (of: (entry: StatsEntry) => number | undefined) =>
    inbound.length === 0 ? null : inbound.reduce((total, entry) => total + (of(entry) ?? 0), 0)
  const { jitterBufferDelay: seconds, jitterBufferEmittedCount: frames } = video ?? inbound[0] ?? {}
  return {
    ...NO_FIGURES,
    bytes: sum(({ bytesReceived }) => bytesReceived),
    packets: sum(({ packetsReceived }) => packetsReceived),
    packetsLost: sum(({ packetsLost }) => packetsLost),
    frames: video?.framesDecoded ?? null,
    dropped: video?.framesDropped ?? null,
    waited: seconds === undefined || frames === undefined ? null : { seconds, frames },
    roundTrip: pair?.currentRoundTripTime ?? null,
    path: pathOf(local),
    codec: codec?.mimeType?.replace('video/', '') ?? null,
  }
}

function pathOf(local: StatsEntry | undefined): string | null {
  if (!local?.protocol) return null
  return local.candidateType === 'relay' ? `TURN (${local.relayProtocol ?? local.protocol})` : local.protocol
}
