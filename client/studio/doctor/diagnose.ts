/** In charge of what is wrong with a broadcast, from what is known of it: facts in, findings out. Pure. */
import type { ViewerCounts } from '../../../shared/broadcast.ts'
import type { ProbeResult } from '../../publish/probeWay.ts'
import type { WayId } from '../../publish/ways.ts'
import type { LayerVitals, Vitals } from './vitals.ts'

/** What a way turned out to be. */
export interface WayFacts {
  readonly id: WayId
  readonly result: ProbeResult
}

export interface Facts {
  readonly isReconnecting: boolean
  /** Null while there is nothing to look at. */
  readonly vitals: Vitals | null
  /** Null until the ways were tried. */
  readonly ways: readonly WayFacts[] | null
  readonly viewers: ViewerCounts
  readonly isMuted: boolean
  readonly isScreen: boolean
}

/** `problem`: viewers suffer now. `warning`: they may. `note`: good to know. */
export type Severity = 'problem' | 'warning' | 'note'

/** What was found; the words for it are the page's. */
export type Finding =
  | { readonly code: 'interrupted' | 'nothingSent' | 'nothingThrough'; readonly severity: 'problem' }
  | {
      readonly code: 'uplinkSlow'
      readonly severity: 'problem' | 'warning'
      readonly uplink: number
      readonly best: string
    }
  | { readonly code: 'cpuSlow'; readonly severity: 'problem' | 'warning'; readonly frameRate: number }
  | { readonly code: 'layerOff'; readonly severity: 'warning'; readonly best: string }
  | { readonly code: 'sourceSlow'; readonly severity: 'warning'; readonly frameRate: number }
  | { readonly code: 'loss'; readonly severity: 'problem' | 'warning'; readonly percent: number }
  | { readonly code: 'farAway'; readonly severity: 'warning'; readonly ms: number }
  | { readonly code: 'soundSilent' | 'noSound'; readonly severity: 'warning' }
  | { readonly code: 'keyFramesRare' | 'keyFramesOften'; readonly severity: 'warning'; readonly seconds: number }
  | { readonly code: 'udpBlocked'; readonly severity: 'warning'; readonly port: number }
  | { readonly code: 'tcpBlocked'; readonly severity: 'note'; readonly port: number }
  | { readonly code: 'sentByTcp' | 'sentByRelay' | 'noTurn' | 'mostlyHttp'; readonly severity: 'note' }
  | { readonly code: 'notCopied'; readonly severity: 'note'; readonly codec: string }
  | { readonly code: 'turnDown' | 'turnRefused' | 'turnBlocked'; readonly severity: 'warning'; readonly way: WayId }

/** Milliseconds of looks before anything is said of them: the bandwidth estimate has its first climb behind it. */
const SETTLED = 9_000

/** Shares of the time for which the encoder was held back. */
const OFTEN_LIMITED = 0.25
const MOSTLY_LIMITED = 0.75

/** Shares of packets. Retransmission covers the first without anybody seeing it; the second one sees. */
const LOSS_WARNING = 0.02
const LOSS_PROBLEM = 0.1

/** Milliseconds there and back, from which retransmission comes late. */
const FAR = 300

/** Frames per second of a camera that people call smooth. */
const SMOOTH = 20

/**
 * Seconds between two key frames. The server asks for one every 2 s, so more means that it is not heard; much less means
 * that viewers join or lose packets all the time, and each key frame costs the others sharpness.
 */
const RARE_KEY_FRAMES = 5
const OFTEN_KEY_FRAMES = 0.8

/** Viewers, before their shares say anything. */
const ENOUGH_VIEWERS = 4

const rank: Record<Severity, number> = { problem: 0, warning: 1, note: 2 }

/** The worst first. Empty: nothing is wrong, as far as one can tell from here. */
export function diagnose(facts: Facts): Finding[] {
  const findings = facts.isReconnecting
    ? [{ code: 'interrupted', severity: 'problem' } as const, ...ofWays(facts)]
    : [...ofSending(facts), ...ofSound(facts), ...ofPath(facts), ...ofWays(facts), ...ofViewers(facts)]
  return findings.sort((a, b) => rank[a.severity] - rank[b.severity])
}

function ofSending({ vitals, isScreen }: Facts): Finding[] {
  if (vitals === null || vitals.span < SETTLED) return []
  const { layers, limited, source } = vitals
  const best = layers.find(({ bitrate }) => bitrate > 0)
  if (!best) return layers.length > 0 ? [{ code: 'nothingSent', severity: 'problem' }] : []
  const findings: Finding[] = []
  if (limited.cpu >= OFTEN_LIMITED) {
    findings.push({ code: 'cpuSlow', severity: severityOf(limited.cpu), frameRate: best.frameRate })
  } else if (limited.bandwidth >= OFTEN_LIMITED) {
    const uplink = vitals.uplink ?? layers.reduce((sum, { bitrate }) => sum + bitrate, 0)
    findings.push({ code: 'uplinkSlow', severity: severityOf(limited.bandwidth), uplink, best: sizeOf(best) })
  } else if (best !== layers[0]) {
    findings.push({ code: 'layerOff', severity: 'warning', best: sizeOf(best) })
  }
  // A shared screen gives no frames while nothing moves on it.
  if (!isScreen && source && source.frameRate > 0 && source.frameRate < SMOOTH) {
    findings.push({ code: 'sourceSlow', severity: 'warning', frameRate: source.frameRate })
  }
  const gap = best.keyFrameGap
  if (gap !== null && gap > RARE_KEY_FRAMES) findings.push({ code: 'keyFramesRare', severity: 'warning', seconds: gap })
  if (gap !== null && gap < OFTEN_KEY_FRAMES)
    findings.push({ code: 'keyFramesOften', severity: 'warning', seconds: gap })
  if (vitals.videoCodec !== null && vitals.videoCodec !== 'H264')
    findings.push({ code: 'notCopied', severity: 'note', codec: vitals.videoCodec })
  return findings
}

function ofSound({ vitals, isMuted }: Facts): Finding[] {
  if (vitals === null || vitals.span < SETTLED || isMuted) return []
  if (vitals.sound === null) return [{ code: 'noSound', severity: 'warning' }]
  return vitals.sound.isSilent ? [{ code: 'soundSilent', severity: 'warning' }] : []
}

function ofPath({ vitals }: Facts): Finding[] {
  if (vitals === null || vitals.span < SETTLED) return []
  const { loss, roundTrip, path } = vitals
  const findings: Finding[] = []
  if (loss >= LOSS_WARNING) {
    const severity = loss >= LOSS_PROBLEM ? 'problem' : 'warning'
    findings.push({ code: 'loss', severity, percent: Math.round(loss * 100) })
  }
  if (roundTrip !== null && roundTrip >= FAR) findings.push({ code: 'farAway', severity: 'warning', ms: roundTrip })
  if (path?.relay) findings.push({ code: 'sentByRelay', severity: 'note' })
  else if (path?.protocol === 'tcp') findings.push({ code: 'sentByTcp', severity: 'note' })
  return findings
}

function ofWays({ ways }: Facts): Finding[] {
  if (ways === null || ways.length === 0) return []
  const known = ways.filter(({ result }) => result.kind !== 'unknown')
  if (known.length > 0 && known.every(({ result }) => result.kind !== 'works')) {
    return [{ code: 'nothingThrough', severity: 'problem' }]
  }
  const findings: Finding[] = []
  for (const { id, result } of known) findings.push(...ofWay(id, result))
  if (!ways.some(({ id }) => id.startsWith('turn'))) findings.push({ code: 'noTurn', severity: 'note' })
  return findings
}

function ofWay(id: WayId, result: ProbeResult): Finding[] {
  switch (result.kind) {
    case 'blocked':
      return id === 'udp'
        ? [{ code: 'udpBlocked', severity: 'warning', port: result.port }]
        : [{ code: 'tcpBlocked', severity: 'note', port: result.port }]
    case 'no-server':
      return [{ code: 'turnDown', severity: 'warning', way: id }]
    case 'refused':
      return [{ code: 'turnRefused', severity: 'warning', way: id }]
    case 'not-relayed':
      return [{ code: 'turnBlocked', severity: 'warning', way: id }]
    case 'works':
    case 'unknown':
      return []
  }
}

function ofViewers({ viewers }: Facts): Finding[] {
  const overHttp = viewers.mse + viewers.hls
  const isMostly = viewers.total >= ENOUGH_VIEWERS && overHttp > viewers.total / 2
  return isMostly ? [{ code: 'mostlyHttp', severity: 'note' }] : []
}

function severityOf(share: number): 'problem' | 'warning' {
  return share >= MOSTLY_LIMITED ? 'problem' : 'warning'
}

/** `640×360`, or the name of the layer while its size is not known. */
function sizeOf({ size, rid }: LayerVitals): string {
  return size ? `${size.width}×${size.height}` : rid
}
