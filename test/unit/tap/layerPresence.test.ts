import { describe, expect, it } from 'vitest'
import { isLayerSent } from '../../../server/tap/layerPresence.ts'

const score = (encodingIdx: number, value: number) => ({ encodingIdx, ssrc: 1 + encodingIdx, score: value })

describe('isLayerSent', () => {
  it.each([
    ['says no before the first packet of a stream', 'simulcast', [score(0, 10)], 1, false],
    ['says yes once it came', 'simulcast', [score(0, 10), score(1, 7)], 1, true],
    ['says no while a simulcast layer is dead', 'simulcast', [score(0, 10), score(1, 0)], 1, false],
    ['keeps a single stream through heavy loss', 'simple', [score(0, 0)], 0, true],
    ['says no for a single stream that never began', 'simple', [], 0, false],
  ] as const)('%s', (_, type, scores, layer, sent) => {
    expect(isLayerSent({ type, score: [...scores] }, layer)).toBe(sent)
  })
})
