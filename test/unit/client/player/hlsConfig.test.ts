import { describe, expect, it } from 'vitest'
import { cureFor } from '../../../../client/player/hlsConfig.ts'

describe('cureFor', () => {
  it.each([
    [
      'waits for a playlist that is not there yet',
      { kind: 'network', status: 404, isUnderWay: false },
      0,
      'reload',
      500,
    ],
    ['waits ever longer', { kind: 'network', status: 503, isUnderWay: true }, 2, 'reload', 2_000],
    ['but never longer than 4 s', { kind: 'network', status: null, isUnderWay: true }, 50, 'reload', 4_000],
    ['takes 410 for the end', { kind: 'network', status: 410, isUnderWay: false }, 0, 'ended', undefined],
    ['but not that of a segment', { kind: 'network', status: 410, isUnderWay: true }, 0, 'reload', 500],
    ['gives up for want of a codec', { kind: 'codec', status: null, isUnderWay: false }, 3, 'give-up', undefined],
    ['makes the decoder anew once', { kind: 'media', status: null, isUnderWay: true }, 0, 'recover', undefined],
    ['and everything at the second time', { kind: 'media', status: null, isUnderWay: true }, 1, 'reload', 1_000],
  ] as const)('%s', (_case, trouble, failures, kind, afterMs) => {
    expect(cureFor(trouble, failures)).toEqual(afterMs === undefined ? { kind } : { kind, afterMs })
  })
})
