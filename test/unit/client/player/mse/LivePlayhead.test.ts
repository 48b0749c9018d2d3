import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LivePlayhead, type PlayheadElement } from '../../../../../client/player/mse/LivePlayhead.ts'
import { ManualClock, START } from '../../../../helpers/packager/ManualClock.ts'

/** An element whose media a test decides. */
class FakeElement implements PlayheadElement {
  currentTime = 0
  playbackRate = 1
  paused = false
  seeking = false
  readyState = 4
  ranges: [number, number][] = []
  waiting: (() => void) | null = null
  get buffered() {
    const at = (index: number) => this.ranges[index] ?? [0, 0]
    return { length: this.ranges.length, start: (index: number) => at(index)[0], end: (index: number) => at(index)[1] }
  }
  addEventListener(_name: 'waiting', listener: () => void): void {
    this.waiting = listener
  }
  removeEventListener(): void {
    this.waiting = null
  }
}

let clock: ManualClock
let video: FakeElement
let playhead: LivePlayhead
beforeEach(() => {
  clock = new ManualClock()
  video = new FakeElement()
  playhead = new LivePlayhead(video, clock)
})
afterEach(() => playhead.close())

/** Media up to `media + lag` arrives every 40 ms from now on for some seconds, and is played. */
function live(seconds: number, start = 10): void {
  const until = clock.now() + seconds * 1000
  while (clock.now() < until) {
    const end = start + 2 + (clock.now() - START) / 1000
    video.ranges = [[start, end]]
    playhead.appended()
    if (video.currentTime >= start) video.currentTime = Math.min(end, video.currentTime + 0.04 * video.playbackRate)
    clock.advanceTo(clock.now() + 40)
  }
}
/** Media between what is shown and what is there. */
const ahead = () => (video.ranges[0]?.[1] ?? 0) - video.currentTime

describe('LivePlayhead', () => {
  it('begins near the end of what there is at once, and stays there', () => {
    live(0.04)
    expect(ahead()).toBeCloseTo(0.12, 2)
    live(10)
    expect([ahead(), video.playbackRate]).toEqual([expect.closeTo(0.08, 1), 1])
  })

  it('catches up by playing a little faster, and goes back to the natural rate', () => {
    live(5)
    video.currentTime -= 0.5
    live(1)
    expect(video.playbackRate).toBeGreaterThan(1)
    expect(video.playbackRate).toBeLessThanOrEqual(1.1)
    live(20)
    expect([ahead(), video.playbackRate]).toEqual([expect.closeTo(0.08, 1), 1])
  })

  it('goes further back when the picture stood although media was there', () => {
    live(5)
    for (let stall = 0; stall < 4; stall++) video.waiting?.()
    live(5)
    expect(ahead()).toBeGreaterThan(0.2)
  })

  it('plays where others do when it is told to, if it can, and goes back to the end afterwards', () => {
    playhead.close()
    let behind: number | null = 1
    // Media time that is being captured: what is there now was captured a quarter of a second ago.
    const wanted = () => (behind === null ? null : 12.25 + (clock.now() - START) / 1000 - behind)
    playhead = new LivePlayhead(video, clock, { wanted })
    live(30)
    expect([ahead(), video.playbackRate]).toEqual([expect.closeTo(0.75, 1), 1])
    behind = 0.1
    live(20)
    expect(ahead()).toBeCloseTo(0.08, 1)
    behind = null
    live(5)
    expect([ahead(), video.playbackRate]).toEqual([expect.closeTo(0.08, 1), 1])
  })

  it('moves nothing while the element seeks, is paused, or knows nothing of the media', () => {
    for (const change of [{ seeking: true }, { paused: true }, { readyState: 0 }]) {
      Object.assign(video, { seeking: false, paused: false, readyState: 4, currentTime: 0 }, change)
      live(1)
      expect(video.currentTime).toBe(0)
    }
  })

  it('lets the end be played as it is', () => {
    live(5)
    video.currentTime -= 1
    live(0.2)
    playhead.playOut()
    clock.advanceTo(clock.now() + 5_000)
    expect(video.playbackRate).toBe(1)
  })

  it('leaves the element alone once closed', () => {
    live(5)
    video.currentTime -= 1
    playhead.close()
    clock.advanceTo(clock.now() + 5_000)
    expect([video.playbackRate, video.waiting, clock.timers]).toEqual([1, null, 0])
  })
})
