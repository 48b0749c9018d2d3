/** The studio's words, bound to its language. */
import { studio } from '../i18n/en/studio.ts'
import { translator } from '../i18n/translate.ts'
import type { CaptureProblem } from '../publish/captureProblem.ts'
import type { StudioState } from './StudioSession.ts'

export const t = translator(studio)

const stateKeys = {
  idle: 'stateIdle',
  preview: 'statePreview',
  connecting: 'stateConnecting',
  live: 'stateLive',
  reconnecting: 'stateReconnecting',
  ended: 'stateEnded',
} as const satisfies Record<StudioState, keyof typeof studio>

export function stateWords(state: StudioState): string {
  return t(stateKeys[state])
}

const deviceKeys = { camera: 'deviceCamera', microphone: 'deviceMicrophone', screen: 'deviceScreen' } as const

/** What is wrong with a device and what to do about it. */
export function problemWords({ device, kind }: CaptureProblem): string {
  const name = t(deviceKeys[device])
  switch (kind) {
    case 'insecure-context':
      return t('insecure')
    case 'unsupported-browser':
      return t(device === 'screen' ? 'noScreen' : 'oldBrowser')
    case 'permission-denied':
      return t('denied', { device: name })
    case 'not-found':
      return t('missing', { device: name })
    case 'busy':
      return t('busy', { device: name })
    case 'lost':
      return t('lost', { device: name })
    case 'cancelled':
    case 'unknown':
      return t('deviceFailed', { device: name })
  }
}

/** 75 → `1:15`, 3661 → `1:01:01`. */
export function clockTime(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60]
  const [hours = 0, ...rest] = parts
  const [minutes = 0, rest2 = 0] = rest
  const two = (value: number) => String(value).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest2)}` : `${minutes}:${two(rest2)}`
}
