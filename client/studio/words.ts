/** The studio's words, bound to its language. */
import { studio } from '../i18n/en/studio.ts'
import { translator } from '../i18n/translate.ts'
import type { CaptureProblem } from '../publish/captureProblem.ts'
import type { Trouble } from '../publish/publisherState.ts'
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

/** Why it is not live, although it goes on trying. */
export function troubleWords(trouble: Trouble): string {
  switch (trouble.kind) {
    case 'unreachable':
      return t('unreachable')
    case 'no-path':
      return t('noPath')
    case 'failed':
      // `internal` may be a lost answer as well as a fault: its own words are for developers.
      return trouble.error.code === 'internal' ? t('unanswered') : trouble.error.message
  }
}
