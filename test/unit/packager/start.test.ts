import { expect, it } from 'vitest'
import { decideStart, type Forming, type Start } from '../../../server/packager/start.ts'

const a = (...keyFrames: number[]) => ({ id: 'a', keyFrames })
const b = (...keyFrames: number[]) => ({ id: 'b', keyFrames })
const heard = { heard: true }
const wait = { kind: 'wait', ask: false } as const

const ROWS: [string, Forming, Start][] = [
  [
    'starts when all is there and the clocks are good',
    { elapsed: 700, video: [a(900), b(900)], audio: heard, settled: true },
    { kind: 'picture', at: 900, kept: ['a', 'b'] },
  ],
  ['waits for clocks', { elapsed: 900, video: [a(900)], audio: heard, settled: false }, wait],
  ['gives other layers a moment', { elapsed: 699, video: [a(900)], audio: heard, settled: true }, wait],
  ['waits for sound', { elapsed: 1900, video: [a(900)], audio: null, settled: true }, wait],
  ['waits for pictures', { elapsed: 1900, video: [], audio: heard, settled: true }, wait],
  [
    'asks for a common key frame',
    { elapsed: 1100, video: [a(1), b()], audio: heard, settled: true },
    { kind: 'wait', ask: true },
  ],
  [
    'goes on without sound after two seconds, from the oldest key frame',
    { elapsed: 2000, video: [a(900, 90_900)], audio: null, settled: false },
    { kind: 'picture', at: 900, kept: ['a'] },
  ],
  [
    'prefers the key frame that most layers share',
    { elapsed: 2000, video: [a(900, 9000), b(9000)], audio: null, settled: false },
    { kind: 'picture', at: 9000, kept: ['a', 'b'] },
  ],
  ['goes on with sound alone', { elapsed: 2000, video: [], audio: heard, settled: true }, { kind: 'sound' }],
  ['has nothing to start with', { elapsed: 9000, video: [], audio: { heard: false }, settled: true }, wait],
]

it.each(ROWS)('a run %s', (_what, given, expected) => {
  expect(decideStart(given)).toEqual(expected)
})
