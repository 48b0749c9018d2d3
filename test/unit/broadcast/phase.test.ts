import { describe, expect, it } from 'vitest'
import { nextPhase, type Phase, type PhaseEvent, restoredPhase } from '../../../server/broadcast/phase.ts'

const GRACE = 30_000
const idle: Phase = { state: 'idle' }
const live: Phase = { state: 'live', startedAt: 1000 }
const interrupted: Phase = { state: 'interrupted', startedAt: 1000, endsAt: 32_000 }
const ended: Phase = { state: 'ended', startedAt: 1000, endedAt: 2000 }

describe('the states of a broadcast', () => {
  it.each<[Phase, PhaseEvent['type'], Phase]>([
    [idle, 'flowing', { state: 'live', startedAt: 5000 }],
    [idle, 'silent', idle],
    [idle, 'grace-over', idle],
    [idle, 'end', { state: 'ended', startedAt: null, endedAt: 5000 }],
    [live, 'flowing', live],
    [live, 'silent', { state: 'interrupted', startedAt: 1000, endsAt: 35_000 }],
    [live, 'grace-over', live],
    [live, 'end', { state: 'ended', startedAt: 1000, endedAt: 5000 }],
    [interrupted, 'flowing', live],
    [interrupted, 'silent', interrupted],
    [interrupted, 'grace-over', { state: 'ended', startedAt: 1000, endedAt: 5000 }],
    [interrupted, 'end', { state: 'ended', startedAt: 1000, endedAt: 5000 }],
    [ended, 'flowing', ended],
    [ended, 'silent', ended],
    [ended, 'grace-over', ended],
    [ended, 'end', ended],
  ])('leads from %j by %s to %j', (phase, type, next) => {
    expect(nextPhase(phase, { type }, 5000, GRACE)).toEqual(next)
  })

  it('gives a broadcast that was live at the crash a whole grace period after the restart', () => {
    const record = { state: 'live', startedAt: 1000, endedAt: null } as const
    expect(restoredPhase(record, 9000, GRACE)).toEqual({ state: 'interrupted', startedAt: 1000, endsAt: 39_000 })
  })

  it('does not wake an ended broadcast after a restart', () => {
    expect(restoredPhase({ state: 'ended', startedAt: 1000, endedAt: 2000 }, 9000, GRACE)).toEqual(ended)
  })
})
