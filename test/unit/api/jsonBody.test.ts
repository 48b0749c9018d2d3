import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseBody } from '../../../server/api/jsonBody.ts'
import { createBroadcastSchema, patchBroadcastSchema } from '../../../shared/broadcast.ts'
import { NearcastError } from '../../../shared/errors.ts'

function refusal(schema: typeof createBroadcastSchema | typeof patchBroadcastSchema, body: unknown): string {
  try {
    parseBody(schema, body)
  } catch (error) {
    if (error instanceof NearcastError && error.code === 'bad-request') return error.message
    throw error
  }
  return 'accepted'
}

describe('parseBody', () => {
  it('fills in what a new broadcast does not say', () => {
    expect(parseBody(createBroadcastSchema, {})).toEqual({ title: '', visibility: 'unlisted', record: false })
  })

  it.each([
    [{ title: 'x'.repeat(121) }, '"title" is longer than 120 characters.'],
    [{ title: 'a\u0000b' }, '"title" has characters that are not allowed.'],
    [{ title: 5 }, '"title" must be string.'],
    [{ visibility: 'secret' }, '"visibility" must be ("unlisted" | "public").'],
    [{ extra: 1 }, '"extra" is not known here.'],
    [null, 'The body must be an object.'],
    ['text', 'The body must be an object.'],
  ])('says in words what is wrong with %j', (body, words) => {
    expect(refusal(createBroadcastSchema, body)).toBe(words)
  })

  it('refuses a change of nothing', () => {
    expect(refusal(patchBroadcastSchema, {})).toBe('Name at least one of title, visibility, record.')
  })

  it('answers any JSON at all with a value or with bad-request of bounded length', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        expect(refusal(createBroadcastSchema, body).length).toBeLessThan(1_000)
        expect(refusal(patchBroadcastSchema, body).length).toBeLessThan(1_000)
      }),
      { numRuns: 300 },
    )
  })
})
