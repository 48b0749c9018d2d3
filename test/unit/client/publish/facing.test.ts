import { describe, expect, it } from 'vitest'
import { facingOf, otherFacing } from '../../../../client/publish/facing.ts'

describe('which way a camera looks', () => {
  it.each([
    ['camera2 1, facing front', [], 'user'],
    ['camera2 0, facing back', [], 'environment'],
    ['Front Camera', [], 'user'],
    ['Back Ultra Wide Camera', [], 'environment'],
    ['Rear camera', [], 'environment'],
    ['HD Webcam C920', [], null],
    ['Playback device', [], null],
    ['', ['environment'], 'environment'],
    ['Front Camera', ['environment'], 'environment'],
  ] as const)('of "%s" with %j is %s', (label, capability, facing) => {
    expect(facingOf(label, capability)).toBe(facing)
  })

  const front = { facing: 'user' } as const
  const back = { facing: 'environment' } as const
  const webcam = { facing: null }
  it.each([
    ['a phone', [front, back, back], 'user', 'environment'],
    ['a phone that shows what is before it', [front, back], 'environment', 'user'],
    ['a phone with one camera', [back], 'environment', null],
    ['two webcams', [webcam, webcam], null, null],
    ['a tablet and a webcam, which is in use', [front, webcam], null, null],
  ] as const)('has another way to look on %s', (_, cameras, current, other) => {
    expect(otherFacing(cameras, current)).toBe(other)
  })
})
