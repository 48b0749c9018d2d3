/** The doctor's words, in the language of the page; loaded with the doctor. */
import type { doctor } from '../../i18n/en/doctor.ts'
import { pageLanguage } from '../../i18n/PageLanguage.ts'
import { wordbook } from '../../i18n/wordbook.ts'
import type { ProbeResult } from '../../publish/probeWay.ts'
import type { WayId } from '../../publish/ways.ts'
import type { Finding } from './diagnose.ts'
import type { Vitals } from './vitals.ts'

const words = pageLanguage.words(
  wordbook<typeof doctor>({
    en: async () => (await import('../../i18n/en/doctor.ts')).doctor,
    ko: async () => (await import('../../i18n/ko/doctor.ts')).doctor,
  }),
)

export const { t } = words

export function loadDoctorWords(): Promise<void> {
  return words.load()
}

/** What a finding is, and what to do about it. */
export function findingWords(finding: Finding): { what: string; advice: string } {
  return { what: what(finding), advice: advice(finding) }
}

function what(finding: Finding): string {
  switch (finding.code) {
    case 'uplinkSlow':
      return t('uplinkSlow', { uplink: Math.round(finding.uplink / 100_000) / 10, best: finding.best })
    case 'cpuSlow':
    case 'sourceSlow':
      return t(finding.code, { rate: finding.frameRate })
    case 'layerOff':
      return t('layerOff', { best: finding.best })
    case 'loss':
      return t('loss', { percent: finding.percent })
    case 'farAway':
      return t('farAway', { ms: finding.ms })
    case 'keyFramesRare':
    case 'keyFramesOften':
      return t(finding.code, { seconds: finding.seconds })
    case 'notCopied':
      return t('notCopied', { codec: finding.codec })
    case 'tcpBlocked':
      return t('tcpBlocked', { port: `${finding.port}` })
    case 'turnDown':
    case 'turnRefused':
    case 'turnBlocked':
      return t(finding.code, { way: wayName(finding.way) })
    default:
      return t(finding.code)
  }
}

function advice(finding: Finding): string {
  return finding.code === 'udpBlocked'
    ? t('udpBlockedDo', { port: `${finding.port}` })
    : t(`${finding.code}Do` as const)
}

/** One line for all findings. */
export function verdictWords(findings: readonly Finding[]): string {
  const count = (severity: Finding['severity']) => findings.filter((finding) => finding.severity === severity).length
  const [problems, warnings, notes] = [count('problem'), count('warning'), count('note')]
  if (problems > 0) return t('verdictProblems', { count: problems })
  if (warnings > 0) return t('verdictWarnings', { count: warnings })
  return notes > 0 ? t('verdictNotes', { count: notes }) : t('verdictGood')
}

const wayKeys = {
  udp: 'wayUdp',
  tcp: 'wayTcp',
  'turn-udp': 'wayTurnUdp',
  'turn-tcp': 'wayTurnTcp',
  'turn-tls': 'wayTurnTls',
} as const satisfies Record<WayId, keyof typeof doctor>

export function wayName(way: WayId): string {
  return t(wayKeys[way])
}

export function wayWords(result: ProbeResult): string {
  switch (result.kind) {
    case 'works':
      return t('wayWorks', { ms: result.ms })
    case 'blocked':
      return t('wayBlocked', { port: `${result.port}` })
    case 'no-server':
      return t('wayNoServer')
    case 'refused':
      return t('wayRefused')
    case 'not-relayed':
      return t('wayNotRelayed')
    case 'unknown':
      return t('wayUnknown')
  }
}

export function limitedWords({ cpu, bandwidth }: Vitals['limited']): string {
  const percent = Math.round(Math.max(cpu, bandwidth) * 100)
  if (percent === 0) return t('limitedNot')
  return t(cpu >= bandwidth ? 'limitedCpu' : 'limitedBandwidth', { percent })
}

export function pathWords(path: Vitals['path']): string {
  if (path === null) return t('pathNone')
  if (path.relay !== null) return t('pathRelay', { protocol: path.relay.toUpperCase() })
  return t('pathDirect', { protocol: path.protocol.toUpperCase() })
}
