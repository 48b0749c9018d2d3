/** In a file of its own: fluent-ffmpeg keeps one program for a whole process, and here it is one that hangs. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StillMaker } from '../../../server/tap/StillMaker.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { ManualClock } from '../../helpers/packager/ManualClock.ts'
import { ourProcesses } from '../../helpers/processes.ts'
import { waitFor } from '../../helpers/waitFor.ts'

const folder = mkdtempSync(join(tmpdir(), 'still-'))
const hanging = join(folder, 'hanging-ffmpeg')
writeFileSync(
  hanging,
  `#!/bin/sh
case "$*" in *-formats*|*-encoders*) exec ffmpeg "$@" ;; esac
trap '' TERM
cat > /dev/null
while :; do sleep 1; done
`,
)
chmodSync(hanging, 0o755)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

describe('StillMaker with an FFmpeg that hangs', () => {
  it('gives it up after five seconds, and makes way for the next', async () => {
    const clock = new ManualClock()
    const stills = new StillMaker({ ffmpegPath: hanging, clock })
    const made = stills.make([Buffer.from('x')])
    const refused = expect(made).rejects.toThrow(/no picture/)
    await waitFor('it runs', () => ourProcesses().some(({ command }) => command.includes('hanging-ffmpeg')))
    await waitFor('it is timed', () => clock.timers > 0)
    clock.advanceTo(clock.now() + 4_999)
    expect(ourProcesses().some(({ command }) => command.includes('hanging-ffmpeg'))).toBe(true)
    clock.advanceTo(clock.now() + 1)
    clock.advanceTo(clock.now() + 2_000)
    await refused
    await stills.close()
  })
})
