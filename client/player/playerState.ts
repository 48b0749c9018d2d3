/** In charge of the one word for what a viewer sees, and the sentences that go with it. Pure. */
import type { NearcastError } from '../../shared/errors.ts'
import type { BroadcastView } from '../../shared/signaling.ts'
import type { player } from '../i18n/en/player.ts'

export type PlayerState = 'idle' | 'loading' | 'playing' | 'stalled' | 'offline' | 'ended' | 'error'

type Word = keyof typeof player

export interface PlayerFacts {
  /** Whether anyone asked to play: `autoplay` or a press. */
  readonly asked: boolean
  /** Null while `src` names no broadcast. */
  readonly hasSource: boolean
  /** Why the server will not have us. */
  readonly refusal: NearcastError | null
  /** Null until the server was heard. */
  readonly view: BroadcastView | null
  readonly hasPicture: boolean
  readonly isMoving: boolean
  /** Stopped by the browser or a media key. */
  readonly isPaused: boolean
  readonly isHopeless: boolean
  /** Only WebRTC could bring it, and does not so far. */
  readonly isStranded: boolean
  /** What is past is watched; null while the picture is live. */
  readonly past: PastFacts | null
}

export interface PastFacts {
  readonly hasFrame: boolean
  readonly isMoving: boolean
  readonly isPaused: boolean
  readonly isOver: boolean
}

export interface Appearance {
  readonly state: PlayerState
  /** Shown over the picture; null: nothing to say. */
  readonly message: Word | null
  readonly hint: Word | null
}

export function appearanceOf(facts: PlayerFacts): Appearance {
  const { view } = facts
  if (facts.refusal) return refused(facts.refusal)
  if (!facts.hasSource) return { state: 'error', message: 'badSource', hint: null }
  if (!facts.asked) return { state: 'idle', message: null, hint: null }
  if (view === null) return { state: 'loading', message: 'loading', hint: null }
  if (facts.past) return pastAppearance(facts.past)
  if (view.state === 'idle') return { state: 'offline', message: 'offline', hint: 'offlineHint' }
  // While HLS plays out what it has, the end is not yet what the person sees.
  if (view.state === 'ended' && !(facts.hasPicture && facts.isMoving))
    return { state: 'ended', message: 'ended', hint: null }
  if (facts.isHopeless) return { state: 'error', message: 'incompatible', hint: 'incompatibleHint' }
  if (facts.isPaused) return { state: 'idle', message: null, hint: null }
  if (facts.isMoving) return { state: 'playing', message: null, hint: null }
  if (view.state === 'interrupted' || !view.sending) {
    return { state: 'stalled', message: 'interrupted', hint: 'interruptedHint' }
  }
  const hint = facts.isStranded ? 'strandedHint' : null
  if (facts.hasPicture) return { state: 'stalled', message: 'stalled', hint }
  return { state: 'loading', message: 'loading', hint }
}

function pastAppearance({ hasFrame, isMoving, isPaused, isOver }: PastFacts): Appearance {
  if (!hasFrame) return { state: 'loading', message: 'loading', hint: null }
  if (isOver) return { state: 'ended', message: null, hint: null }
  if (isPaused) return { state: 'idle', message: null, hint: null }
  if (isMoving) return { state: 'playing', message: null, hint: null }
  return { state: 'stalled', message: 'stalled', hint: null }
}

function refused({ code }: NearcastError): Appearance {
  switch (code) {
    case 'broadcast-ended':
      return { state: 'ended', message: 'ended', hint: null }
    case 'broadcast-not-found':
    case 'not-found':
      return { state: 'error', message: 'unknown', hint: 'unknownHint' }
    case 'protocol-mismatch':
      return { state: 'error', message: 'oldPage', hint: 'oldPageHint' }
    default:
      return { state: 'error', message: 'failed', hint: null }
  }
}
