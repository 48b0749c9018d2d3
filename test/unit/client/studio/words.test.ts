import { beforeAll, describe, expect, it } from 'vitest'
import { clockTime } from '../../../../client/lib/clockTime.ts'
import { loadWords, problemWords, troubleWords } from '../../../../client/studio/words.ts'
import { NearcastError } from '../../../../shared/errors.ts'

beforeAll(loadWords)

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

  it.each([
    [{ kind: 'unreachable' } as const, 'cannot be reached'],
    [{ kind: 'no-path' } as const, 'do not get through'],
    [{ kind: 'failed', error: new NearcastError('server-full') } as const, 'takes no more broadcasts'],
    [{ kind: 'failed', error: new NearcastError('internal', 'no ack of publish:join') } as const, 'does not answer'],
  ])('say why it is not live yet: %j', (trouble, text) => {
    expect(troubleWords(trouble)).toContain(text)
  })
})
