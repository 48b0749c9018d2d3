import { describe, expect, it } from 'vitest'
import { AudienceHistory } from '../../../../client/studio/AudienceHistory.ts'
import { audienceShape } from '../../../../client/studio/doctor/audienceShape.ts'

const people = (webrtc: number, mse = 0, hls = 0) => ({ total: webrtc + mse + hls, webrtc, mse, hls })

describe('the history of the audience', () => {
  it('begins a step when the audience changes, and takes quick changes together', () => {
    const history = new AudienceHistory()
    history.add(0, people(0))
    history.add(5000, people(0))
    history.add(8000, people(1))
    history.add(8400, people(2))
    history.add(9500, people(1, 1))
    expect(history.steps).toEqual([
      { at: 0, counts: people(0) },
      { at: 8000, counts: people(2) },
      { at: 9500, counts: people(1, 1) },
    ])
  })

  it('stays bounded over a long evening, and always knows how it is now', () => {
    const history = new AudienceHistory()
    for (let second = 0; second < 20_000; second += 2) {
      history.add(second * 1000, people(second % 700))
      expect(history.steps.length).toBeLessThanOrEqual(200)
      expect(history.steps.at(-1)?.counts).toEqual(people(second % 700))
    }
    expect(history.steps[0]?.at).toBe(0)
    expect(history.steps.length).toBeGreaterThan(60)
  })
})

describe('the shape of the audience', () => {
  const size = { width: 100, height: 10 }
  it('stacks the ways, from the first step until now', () => {
    const steps = [
      { at: 0, counts: people(1) },
      { at: 500, counts: people(1, 1) },
    ]
    expect(audienceShape(steps, 1000, size)).toEqual({
      top: 2,
      paths: {
        webrtc: 'M0 10L0 5L50 5L50 5L100 5L100 10L50 10L50 10L0 10Z',
        mse: 'M0 10L0 5L50 5L50 0L100 0L100 5L50 5L50 5L0 5Z',
        hls: 'M0 10L0 5L50 5L50 0L100 0L100 0L50 0L50 5L0 5Z',
      },
    })
  })

  it('is empty before anything is known, and flat while nobody watches', () => {
    expect(audienceShape([], 1000, size)).toEqual({ top: 1, paths: { webrtc: '', mse: '', hls: '' } })
    expect(audienceShape([{ at: 0, counts: people(0) }], 0, size).paths.webrtc).toBe('M0 10L0 10L0 10L0 10L0 10Z')
  })
})
