import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import {
  hashKey,
  keyMatches,
  newBroadcastId,
  newPublishKey,
  newViewerSession,
  secretsEqual,
} from '../../../server/auth/keys.ts'
import { broadcastIdSchema, publishKeySchema, viewerSessionSchema } from '../../../shared/ids.ts'

describe('keys', () => {
  it('have the forms that both sides check, and are never the same twice', () => {
    const made = Array.from({ length: 200 }, () => [newBroadcastId(), newPublishKey(), newViewerSession()] as const)
    for (const [id, key, session] of made) {
      expect(v.is(broadcastIdSchema, id)).toBe(true)
      expect(v.is(publishKeySchema, key)).toBe(true)
      expect(v.is(viewerSessionSchema, session)).toBe(true)
    }
    expect(new Set(made.flat()).size).toBe(600)
  })

  it('match their own hash only', () => {
    const key = newPublishKey()
    expect(keyMatches(key, hashKey(key))).toBe(true)
    expect(keyMatches(newPublishKey(), hashKey(key))).toBe(false)
    expect(keyMatches('', hashKey(key))).toBe(false)
  })

  it('match no hash that was cut short', () => {
    expect(keyMatches('key', hashKey('key').subarray(0, 16))).toBe(false)
    expect(keyMatches('key', new Uint8Array(0))).toBe(false)
  })

  it('are compared whatever their lengths', () => {
    expect(secretsEqual('same', 'same')).toBe(true)
    expect(secretsEqual('same', 'same longer')).toBe(false)
    expect(secretsEqual('', 'x')).toBe(false)
  })
})
