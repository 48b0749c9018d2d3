import { describe, expect, it } from 'vitest'
import { drift, FrameLines, StepCounter } from '../../bench/readerFacts.ts'

describe('how far behind a reader is', () => {
  it('is compared between the first and the last twenty seconds', () => {
    const looks = Array.from({ length: 61 }, (_, at) => ({ at: 100 + at, behind: at < 30 ? 1.2 : 1.5 }))
    expect(drift(looks)).toEqual({ start: 1.2, end: 1.5 })
  })

  it('is not told of a time that is too short', () => {
    expect(drift([])).toBeNull()
    expect(
      drift([
        { at: 1, behind: 1 },
        { at: 40, behind: 1 },
      ]),
    ).toBeNull()
  })
})

describe("the lines of FFmpeg's framecrc", () => {
  it('are frames in the time base of their stream', () => {
    const lines = new FrameLines()
    expect(lines.read('0,          1,          2,        1,   345600, 0x4a5f1a3c')).toBeNull()
    for (const line of ['#software: Lavf59', '#tb 0: 1/30', '#media_type 0: video', '#tb 1: 1/48000']) {
      expect(lines.read(line)).toBeNull()
    }
    expect(lines.read('0,          3,          3,        1,   345600, 0x4a5f1a3c')).toEqual({
      stream: 0,
      time: 0.1,
      duration: 1 / 30,
    })
    expect(lines.read('1,      48000,      48000,     1024,     4096, 0xf6b1e94f')).toMatchObject({
      stream: 1,
      time: 1,
    })
    expect(lines.read('[warning] something')).toBeNull()
  })

  it('show what is missing and what goes back, each stream on its own', () => {
    const steps = new StepCounter()
    for (const time of [0, 0.03, 0.07, 0.5, 0.4, 0.43]) steps.add({ stream: 0, time, duration: 0.03 })
    for (const time of [0, 0.02, 0.04]) steps.add({ stream: 1, time, duration: 0.02 })
    expect(steps).toMatchObject({ gaps: 1, backwards: 1, first: 'stream 0 goes from 0.070 to 0.500 s' })
  })
})
