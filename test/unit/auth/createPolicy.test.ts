import { describe, expect, it } from 'vitest'
import { assertMayCreate, defaultCreateMode, isPrivateAddress } from '../../../server/auth/createPolicy.ts'

describe('isPrivateAddress', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.5',
    '169.254.10.1',
    '100.64.0.1',
    '100.127.255.255',
    '192.0.2.7',
    '198.51.100.7',
    '203.0.113.7',
    '198.18.0.1',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fd12:3456::1',
    '2001:db8::1',
    '3fff::1',
    '::ffff:192.168.1.5',
  ])('says yes to %s, which is not globally routable', (address) => {
    expect(isPrivateAddress(address)).toBe(true)
  })

  it.each([
    '8.8.8.8',
    '172.15.255.255',
    '172.32.0.1',
    '100.128.0.1',
    '192.0.3.1',
    '1.1.1.1',
    '2606:4700::1111',
    '2001::1',
    '2002:c0a8:101::1',
    '64:ff9b::808:808',
    '::ffff:8.8.8.8',
    '0.0.0.0',
    '::',
    'localhost',
    'example.com',
    '',
    '10.1',
  ])('says no to %s, which is public, a wildcard or no address', (address) => {
    expect(isPrivateAddress(address)).toBe(false)
  })
})

describe('defaultCreateMode', () => {
  it('is open while every address is private', () => {
    expect(defaultCreateMode(['127.0.0.1', '192.168.1.5', 'fe80::1', '198.51.100.20', 'localhost'])).toBe('open')
  })

  it.each([['8.8.8.8'], ['live.example.com'], ['0.0.0.0']])(
    'asks for a token as soon as one of them is %s',
    (address) => {
      expect(defaultCreateMode(['127.0.0.1', address])).toBe('token')
    },
  )
})

describe('assertMayCreate', () => {
  const policy = { mode: 'token', tokens: ['first-token', 'second-token'] } as const

  it('lets anyone create where the policy is open', () => {
    expect(() => assertMayCreate({ mode: 'open' }, null)).not.toThrow()
  })

  it('lets in whoever holds one of the tokens', () => {
    expect(() => assertMayCreate(policy, 'second-token')).not.toThrow()
  })

  it('tells a missing token from a wrong one', () => {
    expect(() => assertMayCreate(policy, null)).toThrow(expect.objectContaining({ code: 'token-missing' }))
    expect(() => assertMayCreate(policy, 'third-token')).toThrow(expect.objectContaining({ code: 'wrong-token' }))
  })

  it('lets nobody create when there is no token to hold', () => {
    expect(() => assertMayCreate({ mode: 'token', tokens: [] }, '')).toThrow(
      expect.objectContaining({ code: 'wrong-token' }),
    )
  })
})
