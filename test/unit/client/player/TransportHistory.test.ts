import { describe, expect, it } from 'vitest'
import { TransportHistory } from '../../../../client/player/TransportHistory.ts'
import type { PlayerTransport } from '../../../../shared/signaling.ts'

describe('TransportHistory', () => {
  it('keeps the changes, not the repetitions, and a hundred of them', () => {
    const history = new TransportHistory()
    const add = (transport: PlayerTransport | null, at: number) => history.add({ transport, at, gap: 40 })
    expect([add(null, 0), add('webrtc', 1), add('webrtc', 2), add(null, 3)]).toEqual([false, true, false, true])
    expect(history.all).toEqual([
      { transport: 'webrtc', at: 1, gap: 40 },
      { transport: null, at: 3, gap: 40 },
    ])
    for (let at = 4; at < 200; at++) add(at % 2 === 0 ? 'mse' : 'llhls', at)
    expect(history.all.length).toBe(100)
    expect(history.all.at(-1)).toEqual({ transport: 'llhls', at: 199, gap: 40 })
  })
})
