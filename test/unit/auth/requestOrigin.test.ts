import { describe, expect, it } from 'vitest'
import { bearerToken } from '../../../server/auth/bearer.ts'
import { isOwnOrigin } from '../../../server/auth/requestOrigin.ts'

describe('isOwnOrigin', () => {
  it.each([
    ['no page at all', undefined, 'localhost:8080', null],
    ['the host that was asked', 'http://localhost:8080', 'localhost:8080', null],
    ['the same host behind a proxy that speaks TLS', 'https://live.example.com', 'live.example.com', null],
    ['a default port that is written out', 'https://live.example.com', 'live.example.com:443', null],
    [
      'the public address, whatever the host',
      'https://live.example.com',
      '10.0.0.1:8080',
      'https://live.example.com/x',
    ],
    ['an IPv6 host', 'http://[::1]:8080', '[::1]:8080', null],
  ])('takes %s for our own', (_what, origin, host, publicUrl) => {
    expect(isOwnOrigin(origin, host, publicUrl)).toBe(true)
  })

  it.each([
    ['another host', 'https://evil.example', 'localhost:8080', null],
    ['another port', 'http://localhost:9090', 'localhost:8080', null],
    ['a host that begins like ours', 'http://localhost:8080.evil.example', 'localhost:8080', null],
    ['an opaque origin', 'null', 'localhost:8080', null],
    ['an extension', 'chrome-extension://abc', 'localhost:8080', null],
    ['nonsense', 'http://', 'localhost:8080', null],
    ['a request without a host', 'http://localhost:8080', undefined, null],
    [
      'the public host over another scheme, when the host differs',
      'http://live.example.com',
      'x',
      'https://live.example.com',
    ],
  ])('does not take %s for our own', (_what, origin, host, publicUrl) => {
    expect(isOwnOrigin(origin, host, publicUrl)).toBe(false)
  })
})

describe('bearerToken', () => {
  it.each([
    ['Bearer abc-_.~+/==', 'abc-_.~+/=='],
    ['bearer abc', 'abc'],
    ['Basic abc', null],
    ['Bearer', null],
    ['Bearer a b', null],
    [`Bearer ${'a'.repeat(257)}`, null],
    [undefined, null],
  ])('reads %s as %s', (header, token) => {
    expect(bearerToken(header)).toBe(token)
  })
})
