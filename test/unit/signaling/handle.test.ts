import fc from 'fast-check'
import { pino } from 'pino'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { type Door, handle } from '../../../server/signaling/handle.ts'
import { isErrorCode, NearcastError } from '../../../shared/errors.ts'
import { broadcasterRequests, viewerRequests } from '../../../shared/signaling.ts'

type Names = 'watch:consumer:resume' | 'clock'
const consumerId = '5bb7a3c6-4f4a-4b43-9c38-2f6f6a8f3f55'

function door(overrides: Partial<Door<Names>> = {}) {
  const offences: string[] = []
  const base: Door<Names> = {
    schemas: { 'watch:consumer:resume': viewerRequests['watch:consumer:resume'], clock: viewerRequests.clock },
    handlers: { 'watch:consumer:resume': () => null, clock: () => ({ now: 7 }) },
    takeToken: () => true,
    offence: (code) => offences.push(code),
    log: pino({ level: 'silent' }),
    ...overrides,
  }
  return { offences, door: base }
}

describe('a request at the door', () => {
  it('is answered by its handler', async () => {
    expect(await handle(door().door, 'clock', {})).toEqual({ ok: true, value: { now: 7 } })
  })

  it('is refused when the role has no such request, prototype names included', async () => {
    const { door: closed, offences } = door()
    for (const name of ['publish:end', 'constructor', '__proto__', '']) {
      expect(await handle(closed, name, {})).toMatchObject({ ok: false, error: { code: 'bad-message' } })
    }
    expect(offences).toHaveLength(4)
  })

  it('is refused with the place and the expectation, never with the value', async () => {
    const reply = await handle(door().door, 'watch:consumer:resume', { consumerId: 'secret-value' })
    expect(reply).toMatchObject({ ok: false, error: { code: 'bad-message' } })
    expect(JSON.stringify(reply)).toContain('consumerId')
    expect(JSON.stringify(reply)).not.toContain('secret-value')
  })

  it('is refused when the sender asks too often', async () => {
    const { door: busy, offences } = door({ takeToken: () => false })
    expect(await handle(busy, 'clock', {})).toMatchObject({ ok: false, error: { code: 'rate-limited' } })
    expect(offences).toEqual(['rate-limited'])
  })

  it('gets the code of a known error and no text of an unknown one', async () => {
    const failing = (error: Error) =>
      door({
        handlers: {
          'watch:consumer:resume': () => {
            throw error
          },
          clock: () => ({ now: 0 }),
        },
      }).door
    const ask = (error: Error) => handle(failing(error), 'watch:consumer:resume', { consumerId })
    expect(await ask(new NearcastError('no-seat'))).toMatchObject({ ok: false, error: { code: 'no-seat' } })
    expect(await ask(new TypeError('missing params.kind'))).toMatchObject({ ok: false, error: { code: 'bad-message' } })
    const internal = await ask(new Error('disk path of ours'))
    expect(internal).toMatchObject({ ok: false, error: { code: 'internal' } })
    expect(JSON.stringify(internal)).not.toContain('disk path')
  })

  it('never throws and always answers with a code of the table, whatever is sent', async () => {
    const names = [...Object.keys(viewerRequests), ...Object.keys(broadcasterRequests)]
    const schemas: Record<string, v.GenericSchema> = { ...viewerRequests, ...broadcasterRequests }
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.constantFrom(...names), fc.string()), fc.anything(), async (name, params) => {
        const reply = await handle(door().door, name, params)
        if (!reply.ok) expect(isErrorCode(reply.error.code)).toBe(true)
        const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined
        if (schema !== undefined) expect(() => v.safeParse(schema, params)).not.toThrow()
      }),
      { numRuns: 500 },
    )
  })
})
