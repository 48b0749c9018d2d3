import { describe, expect, it } from 'vitest'
import { appearanceOf, type PlayerFacts } from '../../../../client/player/playerState.ts'
import { NearcastError } from '../../../../shared/errors.ts'
import type { BroadcastView } from '../../../../shared/signaling.ts'

const view = (state: BroadcastView['state'], sending = true): BroadcastView => ({
  id: 'abcdefghijklmnop',
  title: '',
  state,
  sending,
  muted: false,
  cameraOff: false,
  screen: false,
  startedAt: null,
  endsAt: null,
  recording: 'off',
  timeShift: 0,
  viewers: { total: 1, webrtc: 0, mse: 0, hls: 0 },
  http: 'ready',
  converted: false,
  build: 'a',
  rungs: [],
})

const facts: PlayerFacts = {
  asked: true,
  hasSource: true,
  refusal: null,
  view: view('live'),
  hasPicture: true,
  isMoving: true,
  isPaused: false,
  isHopeless: false,
  isStranded: false,
  past: null,
}

describe('appearanceOf', () => {
  it.each<[string, Partial<PlayerFacts>, string, string | null]>([
    ['plays', {}, 'playing', null],
    ['waits for a press', { asked: false, view: null, hasPicture: false, isMoving: false }, 'idle', null],
    ['waits for the server', { view: null, hasPicture: false, isMoving: false }, 'loading', 'loading'],
    ['waits for the first frame', { hasPicture: false, isMoving: false }, 'loading', 'loading'],
    ['waits for the broadcast to start', { view: view('idle', false) }, 'offline', 'offline'],
    ['stands still', { isMoving: false }, 'stalled', 'stalled'],
    ['is interrupted', { view: view('interrupted', false), isMoving: false }, 'stalled', 'interrupted'],
    ['plays what is left while the broadcaster is gone', { view: view('interrupted', false) }, 'playing', null],
    ['was stopped by a media key', { isPaused: true, isMoving: false }, 'idle', null],
    ['plays out after the end', { view: view('ended', false) }, 'playing', null],
    ['has ended', { view: view('ended', false), hasPicture: false, isMoving: false }, 'ended', 'ended'],
    ['stands still when the end comes', { view: view('ended', false), isMoving: false }, 'ended', 'ended'],
    ['cannot play here', { isHopeless: true, isMoving: false }, 'error', 'incompatible'],
    ['was told nothing to play', { hasSource: false, view: null }, 'error', 'badSource'],
    ['is refused', { refusal: new NearcastError('broadcast-not-found'), view: null }, 'error', 'unknown'],
    ['comes after the end', { refusal: new NearcastError('broadcast-ended'), view: null }, 'ended', 'ended'],
    ['is too old', { refusal: new NearcastError('protocol-mismatch'), view: null }, 'error', 'oldPage'],
  ])('a player that %s', (_case, change, state, message) => {
    expect(appearanceOf({ ...facts, ...change })).toMatchObject({ state, message })
  })

  it('says that the network may be the reason where only WebRTC could bring the picture', () => {
    const stranded = { ...facts, isStranded: true, isMoving: false }
    expect(appearanceOf(stranded)).toEqual({ state: 'stalled', message: 'stalled', hint: 'strandedHint' })
    expect(appearanceOf({ ...stranded, hasPicture: false })).toMatchObject({ state: 'loading', hint: 'strandedHint' })
    expect(appearanceOf({ ...stranded, isMoving: true })).toMatchObject({ state: 'playing', hint: null })
  })

  it('says of the past what it does, whatever the broadcast does', () => {
    const past = { hasFrame: true, isMoving: true, isPaused: false, isOver: false }
    for (const state of ['live', 'interrupted', 'ended'] as const) {
      const seen = (more: Partial<typeof past>) =>
        appearanceOf({ ...facts, view: view(state), past: { ...past, ...more } }).state
      expect(seen({})).toBe('playing')
      expect(seen({ hasFrame: false })).toBe('loading')
      expect(seen({ isMoving: false })).toBe('stalled')
      expect(seen({ isMoving: false, isPaused: true })).toBe('idle')
      expect(seen({ isMoving: false, isOver: true })).toBe('ended')
    }
  })
})
