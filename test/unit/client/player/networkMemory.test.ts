import { describe, expect, it } from 'vitest'
import { findingsOf, noted } from '../../../../client/player/networkMemory.ts'
import { noFindings } from '../../../../client/player/policyState.ts'

const blocked = { webrtc: 'blocked', mse: 'works' } as const
const fine = { webrtc: 'works', mse: 'works' } as const

describe('the memory of networks', () => {
  it('knows for an hour what did not get through, network by network', () => {
    const text = noted(null, 'wifi', blocked, 1_000)
    expect(findingsOf(text, 'wifi', 2_000)).toEqual(blocked)
    expect(findingsOf(text, 'cellular', 2_000)).toEqual(noFindings)
    expect(findingsOf(text, 'wifi', 1_000 + 3_600_000)).toEqual(noFindings)
  })

  it('keeps nothing of a network that lets everything through', () => {
    expect(noted(null, 'wifi', fine, 1_000)).toBeNull()
    expect(noted(noted(null, 'wifi', blocked, 1_000), 'wifi', fine, 2_000)).toBeNull()
  })

  it('is bounded', () => {
    let text: string | null = null
    for (let number = 0; number < 100; number++) text = noted(text, `network ${number}`, blocked, number)
    expect(text?.length).toBeLessThan(1_000)
    expect(findingsOf(text, 'network 99', 100)).toEqual(blocked)
  })

  it.each([['{'], ['7'], ['[{"kind":1}]'], ['[{"kind":"wifi","at":5,"webrtc":"maybe","mse":null}]']])(
    'takes %s for nothing',
    (text) => {
      expect(findingsOf(text, 'wifi', 10)).toEqual(noFindings)
      expect(findingsOf(noted(text, 'wifi', blocked, 10), 'wifi', 10)).toEqual(blocked)
    },
  )
})
