import { describe, expect, it } from 'vitest'
import { VideoClock } from '../../../server/packager/VideoClock.ts'
import { WallClock } from '../../../server/packager/WallClock.ts'

/** A clock of a layer whose media time 0 was captured at an instant, seen for two seconds. */
function layer(capturedAt: number): WallClock {
  const clock = new WallClock()
  for (let media = 0; media <= 2000; media += 33) clock.observe(media, capturedAt + media)
  return clock
}

function firstLayer(): VideoClock {
  const clock = new VideoClock()
  expect(clock.lock(layer(5000), [0])).toBe(0)
  clock.observe(0, 5000)
  for (const time of [0, 90_000, 180_000]) clock.keyFrame(time)
  return clock
}

describe('VideoClock', () => {
  it('locks a layer to the tick by a common key frame, though its sender reports are 3 ms off', () => {
    expect(firstLayer().lock(layer(4003), [180_000, 270_000])).toBe(-90_000)
  })

  it('locks nothing when no key frame is the same picture', () => {
    expect(firstLayer().lock(layer(5000), [45_000])).toBeNull()
  })

  it('takes no pair of key frames for a common one while the layer is not exactly known, but waits for a second pair', () => {
    const clock = new VideoClock()
    expect(clock.lock(layer(5000), [0])).toBe(0)
    clock.observe(0, 5000)
    // A sender that begins: two key frames 68 ms apart, of which the other layer has the second alone.
    for (const time of [0, 6120]) clock.keyFrame(time)
    // By what is known so far of the other layer it seems to be the first of them.
    const late = new WallClock()
    for (let media = 0; media <= 1100; media += 100) late.observe(media, 5020 + media + (media % 300))
    expect(clock.lock(late, [0])).toBeNull()
    clock.keyFrame(100_000)
    expect(clock.lock(late, [0, 100_000 - 6120])).toBe(6120)
  })

  it('locks nothing before something is known about the layer', () => {
    const late = new WallClock()
    late.observe(0, 5000)
    expect(firstLayer().lock(late, [0])).toBeNull()
    expect(firstLayer().lock(layer(5000), [])).toBeNull()
  })
})
