import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { turnCredentials } from '../../../server/auth/turnCredentials.ts'

const input = {
  secret: 'north',
  urls: ['turn:turn.example.org:3478?transport=udp'],
  ttl: 600,
  now: 1_700_000_000_400,
  user: 'viewer-7',
}

describe('TURN credentials', () => {
  it('carry the expiry in seconds and the user, signed with the shared secret', () => {
    const made = turnCredentials(input)
    expect(made).toEqual({
      urls: input.urls,
      username: '1700000601:viewer-7',
      credential: createHmac('sha1', 'north').update('1700000601:viewer-7').digest('base64'),
    })
  })

  it('are what OpenSSL makes of the same username and secret', () => {
    // printf %s 1700000601:viewer-7 | openssl dgst -sha1 -hmac north -binary | base64
    expect(turnCredentials(input).credential).toBe('lhGIlckcn4XgCCrMhoGCpGCe87U=')
  })

  it('differ for another user, another moment and another secret', () => {
    const others = [{ user: 'viewer-8' }, { now: input.now + 1000 }, { secret: 'south' }]
    const all = [{}, ...others].map((change) => turnCredentials({ ...input, ...change }).credential)
    expect(new Set(all).size).toBe(4)
  })

  it('are refused for a user that would be read as another expiry', () => {
    for (const user of ['', 'a:b', 'a b', 'a\nb']) expect(() => turnCredentials({ ...input, user })).toThrow(RangeError)
  })
})
