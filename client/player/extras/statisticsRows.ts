/** In charge of the words and numbers of the statistics panel. Pure. */
import type { PlayerTransport } from '../../../shared/signaling.ts'
import type { ExtraWords } from './extraWords.ts'
import type { Rates, Statistics } from './statistics.ts'

export interface Row {
  readonly name: string
  readonly value: string
}

/** Names that are the same in every language. */
const transports: Readonly<Record<PlayerTransport, string>> = {
  webrtc: 'WebRTC',
  mse: 'MSE',
  llhls: 'LL-HLS',
  hls: 'HLS',
  'native-hls': 'HLS',
}

/** What stands for a number that is not known. */
const UNKNOWN = '–'

/** The same rows in the same order whatever is known: one value for each changes, nothing moves. */
export function statisticsRows(now: Statistics, rates: Rates, t: ExtraWords): Row[] {
  const number = (value: number, digits: number) =>
    new Intl.NumberFormat(t.language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value)
  const unit = (name: string, value: number, digits: number) =>
    new Intl.NumberFormat(t.language, {
      style: 'unit',
      unit: name,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(value)
  const known = (value: number | null, show: (value: number) => string) => (value === null ? UNKNOWN : show(value))
  const seconds = (value: number | null, digits = 2) => known(value, (each) => unit('second', each, digits))
  const percent = new Intl.NumberFormat(t.language, { style: 'percent', maximumFractionDigits: 1 })
  const { transport, path, width, height } = now
  const way = transport === null ? UNKNOWN : transports[transport]
  return [
    { name: t('transport'), value: path === null ? way : `${way}, ${path.toUpperCase()}` },
    { name: t('resolution'), value: width > 0 ? `${width} × ${height}` : UNKNOWN },
    {
      name: t('frameRate'),
      value: known(rates.framesPerSecond, (value) => t('perSecond', { value: number(value, 0) })),
    },
    {
      name: t('bitRate'),
      value: known(rates.bitsPerSecond, (value) => `${number(value / 1e6, 2)} Mbit/s`),
    },
    { name: t('latency'), value: seconds(now.latency) },
    { name: t('buffer'), value: seconds(rates.buffer) },
    { name: t('loss'), value: known(rates.loss, (value) => percent.format(value)) },
    { name: t('roundTrip'), value: seconds(now.roundTrip, 3) },
    { name: t('dropped'), value: known(now.dropped, (value) => number(value, 0)) },
    { name: t('codec'), value: now.codec ?? UNKNOWN },
    { name: t('switches'), value: number(now.switches, 0) },
  ]
}
