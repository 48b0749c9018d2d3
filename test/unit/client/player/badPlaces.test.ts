import { expect, it } from 'vitest'
import { afterBadPlace } from '../../../../client/player/badPlaces.ts'

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
