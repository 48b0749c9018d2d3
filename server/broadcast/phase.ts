/** The states of a broadcast and what moves it from one to the next: pure, so that a table shows all of it. */
import type { BroadcastState } from '../../shared/broadcast.ts'

/** Times are milliseconds since the Unix epoch. */
export type Phase =
  | { readonly state: 'idle' }
  | { readonly state: 'live'; readonly startedAt: number }
  | { readonly state: 'interrupted'; readonly startedAt: number; readonly endsAt: number }
  | { readonly state: 'ended'; readonly startedAt: number | null; readonly endedAt: number }

export type PhaseEvent =
  /** RTP arrives. */
  | { readonly type: 'flowing' }
  /** RTP ceased, or the source is gone. */
  | { readonly type: 'silent' }
  /** The grace period is over. */
  | { readonly type: 'grace-over' }
  /** The broadcaster or the operator ended it. */
  | { readonly type: 'end' }

/** What comes after an event at `now`; the same object when nothing changes. `gracePeriod` in milliseconds. */
export function nextPhase(phase: Phase, event: PhaseEvent, now: number, gracePeriod: number): Phase {
  if (phase.state === 'ended') return phase
  switch (event.type) {
    case 'flowing':
      if (phase.state === 'live') return phase
      return { state: 'live', startedAt: phase.state === 'idle' ? now : phase.startedAt }
    case 'silent':
      if (phase.state !== 'live') return phase
      return { state: 'interrupted', startedAt: phase.startedAt, endsAt: now + gracePeriod }
    case 'grace-over':
      if (phase.state !== 'interrupted') return phase
      return { state: 'ended', startedAt: phase.startedAt, endedAt: now }
    case 'end':
      return { state: 'ended', startedAt: phase.state === 'idle' ? null : phase.startedAt, endedAt: now }
  }
}

/** When it was live first, or null. */
export function startedAt(phase: Phase): number | null {
  return phase.state === 'idle' ? null : phase.startedAt
}

/** A broadcast read back after a restart: one that was live waits for its source anew. */
export function restoredPhase(
  record: { state: BroadcastState; startedAt: number | null; endedAt: number | null },
  now: number,
  gracePeriod: number,
): Phase {
  switch (record.state) {
    case 'idle':
      return { state: 'idle' }
    case 'live':
    case 'interrupted':
      return { state: 'interrupted', startedAt: record.startedAt ?? now, endsAt: now + gracePeriod }
    case 'ended':
      return { state: 'ended', startedAt: record.startedAt, endedAt: record.endedAt ?? now }
  }
}
