import { describe, expect, it } from 'vitest'
import { HeldMeter, heldBetween, heldSums } from '../../../../../client/player/sync/heldMedia.ts'

const entry = (kind: string, emitted: number, held: number, least?: number) => ({
  type: 'inbound-rtp',
  kind,
  mid: '0',
  jitterBufferEmittedCount: emitted,
  jitterBufferDelay: held,
  ...(least !== undefined && { jitterBufferMinimumDelay: least }),
})

describe('what a receiver holds', () => {
  it('is that of the picture, and of the sound where there is no picture', () => {
    const [sound, picture] = [entry('audio', 4800, 500, 400), entry('video', 10, 9, 1)]
    expect(heldSums([sound, picture])).toEqual({ emitted: 10, held: 9, least: 1 })
    expect(heldSums([picture, sound])).toEqual({ emitted: 10, held: 9, least: 1 })
    expect(heldSums([sound])).toEqual({ emitted: 4800, held: 500, least: 400 })
  })

  it('is not known where the browser does not tell', () => {
    expect(heldSums([{ type: 'inbound-rtp', kind: 'video' }, { type: 'codec' }])).toBeNull()
    expect(heldSums([{ ...entry('video', 10, 9, 1), mid: 'probator' }])).toBeNull()
    expect(heldSums([entry('video', 10, 9)])).toEqual({ emitted: 10, held: 9, least: 9 })
  })

  it('is the average between two looks', () => {
    const before = { emitted: 10, held: 9, least: 1 }
    expect(heldBetween(before, { emitted: 20, held: 19, least: 2 })).toEqual({ held: 1, least: 0.1 })
    expect(heldBetween(before, before)).toBeNull()
    expect(heldBetween(before, { emitted: 2, held: 1, least: 1 })).toBeNull()
    expect(heldBetween(null, before)).toBeNull()
  })

  it('stays what it was while nothing is shown', () => {
    const meter = new HeldMeter()
    meter.note({ emitted: 10, held: 9, least: 1 })
    expect(meter.surplus).toBeNull()
    meter.note({ emitted: 20, held: 19, least: 2 })
    meter.note({ emitted: 20, held: 19, least: 2 })
    expect(meter.surplus).toBeCloseTo(0.9)
  })
})
