import { beforeEach, describe, expect, it } from 'vitest'
import { commonDelay, SyncGroup } from '../../../server/broadcast/SyncGroup.ts'
import { ManualClock, START } from '../../helpers/packager/ManualClock.ts'

let clock: ManualClock
let agreed: (number | null)[]
let group: SyncGroup<string>

beforeEach(() => {
  clock = new ManualClock()
  agreed = []
  group = new SyncGroup(clock)
  group.on('agreed', (delay) => agreed.push(delay))
})

describe('the common delay', () => {
  it.each([
    { who: 'nobody', least: [], delay: null },
    { who: 'one member', least: [120], delay: 450 },
    { who: 'the slowest of three', least: [120, 420, 1_500], delay: 1_800 },
    { who: 'one who just keeps up with four seconds', least: [120, 3_900], delay: 4_000 },
    { who: 'one who cannot, beside one who can', least: [120, 4_001], delay: 450 },
    { who: 'nobody but those who cannot', least: [5_000, 9_000], delay: null },
  ])('of $who is $delay ms', ({ least, delay }) => {
    expect(commonDelay(least)).toBe(delay)
  })
})

describe('A SyncGroup', () => {
  it('moves everybody at once when a slower member comes', () => {
    group.report('webrtc', 120)
    group.report('hls', 1_500)
    expect([group.delay, agreed]).toEqual([1_800, [450, 1_800]])
  })

  it('does not follow a need that wanders within the margin', () => {
    group.report('hls', 1_500)
    for (let second = 1; second <= 60; second++) {
      clock.advanceTo(START + second * 1_000)
      group.report('hls', 1_500 + (second % 2 === 0 ? 100 : -150))
    }
    expect(agreed).toEqual([1_800])
  })

  it('comes nearer to live only when less was enough for ten seconds, and only as far as that', () => {
    group.report('hls', 1_500)
    group.report('webrtc', 120)
    group.leave('hls')
    clock.advanceTo(START + 5_000)
    group.report('webrtc', 300)
    group.report('webrtc', 150)
    clock.advanceTo(START + 9_000)
    expect(group.delay).toBe(1_800)
    clock.advanceTo(START + 10_000)
    expect([group.delay, clock.timers]).toEqual([600, 0])
  })

  it('stays where it is when the slow member is back within those ten seconds', () => {
    group.report('hls', 1_500)
    group.report('webrtc', 120)
    group.leave('hls')
    clock.advanceTo(START + 5_000)
    group.report('hls', 1_500)
    clock.advanceTo(START + 60_000)
    expect([agreed, clock.timers]).toEqual([[1_800], 0])
  })

  it('forgets everything with its last member', () => {
    group.report('hls', 1_500)
    group.report('webrtc', 120)
    group.leave('hls')
    group.leave('webrtc')
    group.leave('stranger')
    expect([group.delay, group.has('hls'), agreed, clock.timers]).toEqual([null, false, [1_800, null], 0])
  })

  it('is not dragged by a member who falls beyond four seconds, and leaves it behind', () => {
    group.report('webrtc', 120)
    group.report('hls', 1_500)
    group.report('hls', 6_000)
    clock.advanceTo(START + 10_000)
    expect([group.delay, group.has('hls')]).toEqual([450, true])
  })

  it('leaves no timer and tells nobody when closed', () => {
    group.report('hls', 1_500)
    group.report('hls', 500)
    group.close()
    group.leave('hls')
    expect([clock.timers, agreed]).toEqual([0, [1_800]])
  })
})
