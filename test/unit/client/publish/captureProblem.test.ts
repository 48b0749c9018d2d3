import { describe, expect, it } from 'vitest'
import { captureProblem, environmentProblem } from '../../../../client/publish/captureProblem.ts'

const whole = { isSecureContext: true, hasMediaDevices: true, hasDisplayMedia: true, hasPeerConnection: true }

describe('what stands in the way of a device', () => {
  it.each([
    [whole, null],
    [{ ...whole, isSecureContext: false, hasMediaDevices: false }, 'insecure-context'],
    [{ ...whole, hasMediaDevices: false }, 'unsupported-browser'],
    [{ ...whole, hasPeerConnection: false }, 'unsupported-browser'],
  ])('in a browser with %j is %s', (environment, kind) => {
    expect(environmentProblem('camera', environment)?.kind ?? null).toBe(kind)
  })

  it.each([
    ['NotAllowedError', 'permission-denied'],
    ['NotFoundError', 'not-found'],
    ['OverconstrainedError', 'not-found'],
    ['NotReadableError', 'busy'],
    ['SomethingNewError', 'unknown'],
  ])('is told by the exception %s: %s', (name, kind) => {
    expect(captureProblem('camera', new DOMException('', name))).toEqual({ device: 'camera', kind })
  })

  it('tells a person who chose no screen from a system that refused it', () => {
    const refused = (message: string) => captureProblem('screen', new DOMException(message, 'NotAllowedError')).kind
    expect(refused('Permission denied')).toBe('cancelled')
    expect(refused('Permission denied by system')).toBe('permission-denied')
  })

  it('is unknown for what is no exception at all', () => {
    expect(captureProblem('microphone', 'odd')).toEqual({ device: 'microphone', kind: 'unknown' })
  })
})
