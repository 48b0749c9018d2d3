import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { clientAddress } from '../../../server/api/clientAddress.ts'

function request(remoteAddress: string, forwardedFor?: string): IncomingMessage {
  const req = new IncomingMessage(Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress }))
  if (forwardedFor !== undefined) req.headers['x-forwarded-for'] = forwardedFor
  return req
}

describe('clientAddress', () => {
  it('believes no header when there is no proxy of ours', () => {
    expect(clientAddress(request('203.0.113.5', '10.0.0.1'))).toBe('203.0.113.5')
  })

  it('takes what the outermost trusted proxy wrote, not what the client claimed', () => {
    expect(clientAddress(request('10.0.0.1', '1.2.3.4, 203.0.113.5'), 1)).toBe('203.0.113.5')
    expect(clientAddress(request('10.0.0.1', '1.2.3.4, 203.0.113.5, 10.0.0.2'), 2)).toBe('203.0.113.5')
  })

  it('falls back to the peer when the header is missing or too short', () => {
    expect(clientAddress(request('10.0.0.1'), 1)).toBe('10.0.0.1')
    expect(clientAddress(request('10.0.0.1', '203.0.113.5'), 2)).toBe('10.0.0.1')
  })
})
