import { describe, expect, it } from 'vitest'
import { decideBoundary, type Situation, type VideoProgress } from '../../../server/packager/boundary.ts'
import { ticks } from '../../../server/packager/Timeline.ts'

const s = ticks

function layer(
  id: string,
  reached: number,
  keyFrames: number[] = [],
  more: Partial<VideoProgress> = {},
): VideoProgress {
  const times = keyFrames.map(s)
  return { id, present: true, silent: false, closed: false, keyFrames: times, reached: s(reached), ...more }
}

/** A segment that began at 0, with sound up to 9 s unless told otherwise. */
function situation(video: VideoProgress[], more: Partial<Situation> = {}): Situation {
  return {
    start: 0,
    committed: 0,
    earliest: s(1.7),
    latest: s(3),
    newcomers: false,
    video,
    audio: { reached: s(9), silent: false },
    ...more,
  }
}

const cut = (at: number, ...kept: string[]) => ({ kind: 'cut', at: s(at), kept })
const wait = (horizon: number, pending: boolean) => ({ kind: 'wait', horizon: s(horizon), pending })
const quietSound = (reached: number) => ({ audio: { reached: s(reached), silent: false } })

/** What is going on, and what follows from it. */
const ROWS: [string, Situation, unknown][] = [
  ['all layers share a key frame', situation([layer('a', 2, [1.8]), layer('b', 2, [1.8])]), cut(1.8, 'a', 'b')],
  ['the key frame comes too early', situation([layer('a', 1.6, [1])], quietSound(1)), wait(1.6, false)],
  ['one layer has not come so far', situation([layer('a', 2, [1.8]), layer('b', 1.7)]), wait(1.8, true)],
  [
    'one layer passed without a key frame, the next is common',
    situation([layer('a', 2.3, [1.8, 2.2]), layer('b', 2.3, [2.2])]),
    cut(2.2, 'a', 'b'),
  ],
  [
    'one layer fell silent before',
    situation([layer('a', 2, [1.8]), layer('b', 1, [], { silent: true })]),
    cut(1.8, 'a'),
  ],
  ['the sound has not come so far', situation([layer('a', 2, [1.8])], quietSound(1.7)), wait(1.8, true)],
  [
    'the sound fell silent',
    situation([layer('a', 2, [1.8])], { audio: { reached: s(1), silent: true } }),
    cut(1.8, 'a'),
  ],
  [
    'a layer that returns brings the same key frame',
    situation([layer('a', 2, [1.8]), layer('b', 2, [1.8], { present: false })]),
    cut(1.8, 'a', 'b'),
  ],
  [
    'a layer that returns may still bring it',
    situation([layer('a', 2, [1.8]), layer('b', 1.6, [], { present: false })]),
    wait(1.8, true),
  ],
  [
    'a layer that returns has other key frames',
    situation([layer('a', 2, [1.8]), layer('b', 2, [1.9], { present: false })]),
    cut(1.8, 'a'),
  ],
  [
    'the target duration is reached: most layers go on',
    situation([layer('a', 3, [2]), layer('b', 3, [2.5]), layer('c', 3, [2.5])]),
    cut(2.5, 'b', 'c'),
  ],
  ['the target duration is reached without any key frame', situation([layer('a', 3.1)]), cut(3, ...[])],
  ['pictures are late, sound is past the target duration', situation([layer('a', 1.9)]), wait(1.9, false)],
  ['a late key frame still ends it at the target duration', situation([layer('a', 3.1, [3])]), cut(3, 'a')],
  [
    'all pictures ended, sound goes on',
    situation([layer('a', 1.2, [], { silent: true, closed: true })]),
    cut(1.2, ...[]),
  ],
  [
    'all pictures pause, sound goes on',
    situation([layer('a', 1.2, [], { silent: true })], quietSound(2)),
    wait(2, false),
  ],
  ['everything stopped', situation([layer('a', 1.2, [], { silent: true })], { audio: null }), { kind: 'stop' }],
  ['there is sound alone', situation([], quietSound(2)), cut(2, ...[])],
  ['there is sound alone, not yet enough', situation([], quietSound(1.9)), wait(1.9, false)],
  [
    'there is sound alone, and pictures that return are later',
    situation([layer('a', 1.2, [], { present: false })], quietSound(2.5)),
    wait(1.2, false),
  ],
  ['the sound alone stopped', situation([], { audio: { reached: s(1), silent: true } }), { kind: 'stop' }],
  [
    'there is sound alone, and pictures are about to come',
    situation([], { ...quietSound(1.9), newcomers: true }),
    wait(0.9, false),
  ],
  [
    'the key frame is older than what is in parts',
    situation([layer('a', 2, [1.8])], { ...quietSound(2), committed: s(1.9) }),
    wait(2, false),
  ],
  [
    'pictures come to the sound',
    situation([layer('a', 0.8, [0.6], { present: false }), layer('b', 0.8, [0.6], { present: false })]),
    cut(0.6, 'a', 'b'),
  ],
]

describe('where a segment ends', () => {
  it.each(ROWS)('%s', (_what, given, expected) => {
    expect(decideBoundary(given)).toEqual(expected)
  })
})
