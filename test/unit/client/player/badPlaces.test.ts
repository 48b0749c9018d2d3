import { expect, it } from 'vitest'
import { afterBadLivePlace, afterBadPlace } from '../../../../client/player/badPlaces.ts'

const segments = [0, 2, 4, 6].map((start) => ({ start }))

it.each([
  ['the first time: going on may do', 3.8, null, null],
  ['somewhere else', 3.8, 1.2, null],
  ['at the same place', 3.8, 3.9, 4],
  ['at the beginning of a segment', 4, 3.9, 6],
  ['where there is nothing behind it yet', 6.5, 6.4, null],
])('after a picture that cannot be decoded, %s', (_what, at, before, next) => {
  expect(afterBadPlace(at, before, segments)).toBe(next)
})

it.each([
  ['the newest segment that is not too new', 2.5, 6.9, 6],
  ['the next segment, where one should not be farther', 2.5, 3, 4],
  ['the next segment, where nothing says where one should be', 2.5, null, 4],
  ['nothing, while nothing is behind it', 6.5, 7, null],
])('live, %s follows at once', (_what, at, sync, next) => {
  expect(afterBadLivePlace(at, sync, segments)).toBe(next)
})
