import { expect, it } from 'vitest'
import { segmentLength } from '../../../server/packager/segmentLength.ts'
import { ticks } from '../../../server/packager/Timeline.ts'

it.each([
  ['a first segment is three parts long, and its end is asked for at once', true, 0.35, 1.05, 1.05],
  ['a first segment of long parts is no longer than others', true, 1, 1.7, 1.7],
  ['others have a while in which a key frame may come by itself', false, 0.35, 1.7, 2],
])('%s', (_what, isFirst, partTarget, minimum, due) => {
  expect(segmentLength(1.7, partTarget, isFirst)).toEqual({ minimum: ticks(minimum), due: ticks(due) })
})
