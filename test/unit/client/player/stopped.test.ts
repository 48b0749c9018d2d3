import { describe, expect, it } from 'vitest'
import { isStopped, type Playing } from '../../../../client/player/stopped.ts'

const playing: Playing = { paused: false, ended: false, error: null, readyState: 4 }
/** As `MediaError.MEDIA_ERR_DECODE`. */
const error: MediaError = {
  code: 3,
  message: '',
  MEDIA_ERR_ABORTED: 1,
  MEDIA_ERR_NETWORK: 2,
  MEDIA_ERR_DECODE: 3,
  MEDIA_ERR_SRC_NOT_SUPPORTED: 4,
}

describe('a video element', () => {
  it.each<[string, Partial<Playing>, boolean]>([
    ['that plays', {}, false],
    ['that waits for data', { readyState: 2 }, false],
    ['that was paused', { paused: true }, true],
    ['that was paused while it waited', { paused: true, readyState: 1 }, true],
    ['that has played to its end', { paused: true, ended: true }, false],
    ['whose decoder gave up', { paused: true, error }, false],
    ['that gets another source', { paused: true, readyState: 0 }, false],
  ])('%s', (_, facts, stopped) => {
    expect(isStopped({ ...playing, ...facts })).toBe(stopped)
  })
})
