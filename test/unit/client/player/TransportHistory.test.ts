import { describe, expect, it } from 'vitest'
import { TransportHistory } from '../../../../client/player/TransportHistory.ts'

describe('TransportHistory', () => {
  it('keeps the changes, not the repetitions, and a hundred of them', () => {
    const history = new TransportHistory()
    expect([history.add(null, 0), history.add('webrtc', 1), history.add('webrtc', 2), history.add(null, 3)]).toEqual([
      false,
      true,
      false,
      true,
    ])
    expect(history.all).toEqual([
      { transport: 'webrtc', at: 1 },
      { transport: null, at: 3 },
    ])
    for (let at = 4; at < 200; at++) history.add(at % 2 === 0 ? 'mse' : 'llhls', at)
    expect(history.all.length).toBe(100)
    expect(history.all.at(-1)).toEqual({ transport: 'llhls', at: 199 })
  })
})
