import { describe, expect, it } from 'vitest'
import { UplinkWatch } from '../../../../client/publish/UplinkWatch.ts'
import { ManualClock, START } from '../../../helpers/packager/ManualClock.ts'

function watch() {
  const clock = new ManualClock()
  const told: number[] = []
  const uplink = new UplinkWatch(clock, () => told.push(clock.now() - START))
  return { clock, told, uplink }
}

describe('UplinkWatch', () => {
  it('tells once that the server has heard nothing for two seconds, and again of the next silence', () => {
    const { clock, told, uplink } = watch()
    uplink.see(true)
    uplink.see(false)
    clock.advanceTo(START + 1000)
    uplink.see(false)
    clock.advanceTo(START + 60_000)
    expect(told).toEqual([2000])
    uplink.see(true)
    uplink.see(false)
    clock.advanceTo(START + 120_000)
    expect(told).toEqual([2000, 62_000])
  })

  it('says nothing of a short silence, of a beginning, and after it was closed', () => {
    const { clock, told, uplink } = watch()
    uplink.see(false)
    clock.advanceTo(START + 5000)
    uplink.see(true)
    uplink.see(false)
    clock.advanceTo(START + 6900)
    uplink.see(true)
    clock.advanceTo(START + 20_000)
    uplink.see(false)
    uplink.close()
    clock.advanceTo(START + 40_000)
    expect(told).toEqual([])
  })
})
