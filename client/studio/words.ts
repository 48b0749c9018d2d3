/** The studio's words, in the language of the page. */
import type { studio } from '../i18n/en/studio.ts'
import { pageLanguage } from '../i18n/PageLanguage.ts'
import { wordbook } from '../i18n/wordbook.ts'
import type { CaptureProblem } from '../publish/captureProblem.ts'
import type { Trouble } from '../publish/publisherState.ts'
import { errorWords, loadErrorWords } from '../ui/errorWords.ts'
import type { StudioState } from './StudioSession.ts'

const words = pageLanguage.words(
  wordbook<typeof studio>({
    en: async () => (await import('../i18n/en/studio.ts')).studio,
    ko: async () => (await import('../i18n/ko/studio.ts')).studio,
  }),
)

export const { t } = words

/** Everything that the page says, errors included. */
export async function loadWords(): Promise<void> {
  await Promise.all([words.load(), loadErrorWords()])
}

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
      return trouble.error.code === 'internal' ? t('unanswered') : errorWords(trouble.error)
  }
}
