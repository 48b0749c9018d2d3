/** All that may go wrong while somebody watches, in short: `npm run bench -- --only failures` tells it in full, in figures. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { waitForPlayer } from '../../helpers/broadcast.ts'
import { failures, tellFailure } from '../../helpers/failures.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** Milliseconds for which a failure lasts here at most. */
const LONGEST = 8_000
/**
 * Until the picture comes by it again, in milliseconds: what was lost twice is let wait before it is tried again, and an MSE
 * that showed nothing in time for a minute.
 */
const BACK_WITHIN = 90_000

const story = '$name: the picture is never black, and comes by the best there is in the end'
it.each(failures)(story, { timeout: 300_000 }, async (failure) => {
  const transport = failure.endsOn ?? 'webrtc'
  const outcome = await tellFailure(failure, {
    share: Math.min(1, LONGEST / failure.fully),
    aftermath: (page) => waitForPlayer(page, { state: 'playing', transport }, BACK_WITHIN),
  })
  expect(outcome).toMatchObject({ black: 0, last: transport })
})
