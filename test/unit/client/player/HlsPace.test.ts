import { beforeEach, describe, expect, it } from 'vitest'
import { HlsPace, type PacedHls } from '../../../../client/player/HlsPace.ts'
import { Wish } from '../../../../client/player/quality/Wish.ts'
import { ManualClock } from '../../../helpers/packager/ManualClock.ts'

let clock: ManualClock
let wish: Wish
let video: { currentTime: number; playbackRate: number; seeking: boolean; buffered: TimeRanges }
let hls: PacedHls & { latency: number }
let pace: HlsPace

beforeEach(() => {
  clock = new ManualClock()
  wish = new Wish()
  const buffered = { length: 1, start: () => 90, end: () => 102 }
  video = { currentTime: 100, playbackRate: 1, seeking: false, buffered }
  const details = { live: true, partHoldBack: 1.05, holdBack: 6 }
  hls = {
    latency: 1.2,
    targetLatency: 1.05,
    latestLevelDetails: details as PacedHls['latestLevelDetails'],
    mainForwardBufferInfo: { end: 102 } as PacedHls['mainForwardBufferInfo'],
  }
  pace = new HlsPace({ video, wish, clock })
})

describe('HlsPace', () => {
  it('keeps to the live edge by itself, a little faster when it has fallen behind', () => {
    hls.latency = 1.5
    pace.keepUp(hls, 1.7)
    expect(video.playbackRate).toBe(1.05)
    hls.latency = 1.06
    pace.keepUp(hls, 1.26)
    expect(video.playbackRate).toBe(1)
  })

  it('could be as near to capture as its playlists allow, wherever it is', () => {
    expect(pace.least(hls, 1.4)).toBeCloseTo(1.25)
    hls.latency = 3.2
    expect(pace.least(hls, 3.4)).toBeCloseTo(1.25)
    expect(pace.least(hls, null)).toBeNull()
    expect(pace.least({ ...hls, latestLevelDetails: null }, 1.4)).toBeNull()
  })

  it('plays slower or faster toward the delay that is wished for, and jumps when that is far', () => {
    wish.delay = 1.8
    pace.keepUp(hls, 1.4)
    expect([video.playbackRate, video.currentTime]).toEqual([0.95, 100])
    pace.keepUp(hls, 2)
    expect(video.playbackRate).toBe(1.05)
    pace.keepUp(hls, 0.5)
    expect([video.playbackRate, video.currentTime]).toEqual([1, 98.7])
  })

  it('does not jump to where there is nothing, nor while it seeks, and hurries into no gap', () => {
    wish.delay = 1.8
    pace.keepUp(hls, 4)
    expect([video.playbackRate, video.currentTime]).toEqual([1.05, 100])
    video.playbackRate = 1
    video.seeking = true
    pace.keepUp(hls, 4)
    expect(video.playbackRate).toBe(1)
    video.seeking = false
    video.currentTime = 101.9
    pace.keepUp(hls, 4)
    expect(video.playbackRate).toBe(1)
  })

  it('goes back to the live edge when nothing is wished for any more', () => {
    wish.delay = 1.8
    pace.keepUp(hls, 1.4)
    wish.delay = null
    hls.latency = 1.8
    pace.keepUp(hls, 2)
    expect(video.playbackRate).toBe(1.1)
  })

  it('comes back to where the playlists say, some time after the last stall', () => {
    pace.stalled()
    hls.targetLatency = 1.4
    clock.advanceTo(clock.now() + 19_000)
    pace.keepUp(hls, 1.4)
    expect(hls.targetLatency).toBe(1.4)
    clock.advanceTo(clock.now() + 1_000)
    pace.keepUp(hls, 1.4)
    expect(hls.targetLatency).toBe(1.05)
  })

  describe('where it begins', () => {
    beforeEach(() => {
      hls.latency = 2.2
      pace.begin(false)
    })

    it('jumps to where it should be, once, and hurries after that', () => {
      pace.keepUp(hls, 2.4)
      expect([video.playbackRate, video.currentTime]).toEqual([1, 101.15])
      pace.keepUp(hls, 2.4)
      expect([video.playbackRate, video.currentTime]).toEqual([1.1, 101.15])
    })

    it('waits for what it jumps to, hurrying meanwhile, but not for long', () => {
      video.buffered = { length: 0, start: () => 0, end: () => 0 }
      pace.keepUp(hls, 2.4)
      clock.advanceTo(clock.now() + 10_000)
      video.buffered = { length: 1, start: () => 90, end: () => 101.5 }
      pace.keepUp(hls, 2.4)
      expect([video.playbackRate, video.currentTime]).toEqual([1.1, 100])
      clock.advanceTo(clock.now() + 3_001)
      video.buffered = { length: 1, start: () => 90, end: () => 102 }
      pace.keepUp(hls, 2.4)
      expect([video.playbackRate, video.currentTime]).toEqual([1.1, 100])
    })

    it('stays where it is when that is near enough, or where it goes on with what was seen', () => {
      hls.latency = 1.3
      pace.keepUp(hls, 1.5)
      hls.latency = 2.2
      pace.keepUp(hls, 2.4)
      expect(video.currentTime).toBe(100)
      pace.begin(true)
      pace.keepUp(hls, 2.4)
      expect(video.currentTime).toBe(100)
    })
  })
})
