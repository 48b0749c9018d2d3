import { describe, expect, it } from 'vitest'
import { clockTime, problemWords } from '../../../../client/studio/words.ts'

describe("the studio's words", () => {
  it.each([
    [0, '0:00'],
    [75.9, '1:15'],
    [3661, '1:01:01'],
  ])('tell %s seconds as %s', (seconds, text) => {
    expect(clockTime(seconds)).toBe(text)
  })

  it.each([
    [{ device: 'camera', kind: 'permission-denied' } as const, 'not allowed to use the camera'],
    [{ device: 'camera', kind: 'not-found' } as const, 'No camera was found'],
    [{ device: 'microphone', kind: 'busy' } as const, 'microphone is used by another program'],
    [{ device: 'camera', kind: 'insecure-context' } as const, 'NEARCAST_TLS_CERT'],
    [{ device: 'screen', kind: 'unsupported-browser' } as const, 'cannot share a screen'],
    [{ device: 'camera', kind: 'unsupported-browser' } as const, 'too old'],
  ])('say what is wrong: %j', (problem, text) => {
    expect(problemWords(problem)).toContain(text)
  })
})
