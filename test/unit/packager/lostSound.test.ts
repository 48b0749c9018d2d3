import { expect, it } from 'vitest'
import { FragmentReader } from '../../../server/packager/fragmentReader.ts'
import { START } from '../../helpers/packager/ManualClock.ts'
import { Stage } from '../../helpers/packager/Stage.ts'
import { every, pictures } from '../../helpers/packager/streams.ts'
import { aacHeader, fragment, opusHeader } from '../../helpers/packager/syntheticMedia.ts'

const SECONDS = 60
const FRAME_MS = 1024 / 48
/** Milliseconds from capture to the packager. */
const DELAY = 70
/** Milliseconds between two sender reports: what browsers and the SFU keep to for sound. */
const REPORT_EVERY = 5000

/** What carries a frame's true instant through the packager: nine bytes, which silence has not. */
function stamp(wall: number): Buffer {
  const bytes = Buffer.alloc(9)
  bytes.writeDoubleBE(wall)
  return bytes
}

/** Frames of which a share is lost at the source without a hole in the timestamps, and what sender reports say of them. */
function lossySound(lost: number) {
  const aac = [{ at: START, bytes: aacHeader() }]
  const opus = [{ at: START, bytes: opusHeader() }]
  let [offset, reportAt] = [0, 0]
  for (let count = 0; (count * FRAME_MS) / (1 - lost) < SECONDS * 1000; count++) {
    const [media, wall] = [count * FRAME_MS, (count * FRAME_MS) / (1 - lost)]
    if (wall >= reportAt) {
      offset = wall - media
      reportAt += REPORT_EVERY
    }
    const at = START + wall + DELAY
    const times = { time: count * 1024, duration: 1024 }
    opus.push({ at, bytes: fragment({ ...times, wall: START + media + offset, data: Buffer.alloc(1) }) })
    aac.push({ at, bytes: fragment({ ...times, wall: at, data: stamp(START + wall) }) })
  }
  return { aac, opus }
}

it.each([0.02, 0.15])('a source that loses %d of its sound all the time is heard, near its pictures', (lost) => {
  const stage = new Stage()
  let heard = 0
  let worst = 0
  stage.packager.on('segment', () => {
    const date = Date.parse(stage.lines('audio', '#EXT-X-PROGRAM-DATE-TIME:').at(-1)?.slice(25) ?? '')
    const segment = stage.bytes('audio', stage.files('audio').slice(-1))
    const events = new FragmentReader().push(Buffer.concat([aacHeader(), segment]))
    for (const [index, { data }] of events.flatMap((event) => ('frame' in event ? [event.frame] : [])).entries()) {
      if (data.length !== stamp(0).length) continue
      heard += 1
      worst = Math.max(worst, Math.abs(date + index * FRAME_MS - data.readDoubleBE(0)))
    }
  })
  const media = lossySound(lost)
  stage.play(pictures(stage, { until: SECONDS, keyFrames: every(2, SECONDS) }), stage.audio(media))
  expect(stage.faults).toEqual([])
  expect(heard).toBeGreaterThan(0.9 * media.aac.length)
  // What is lost between two reports, and what is not corrected.
  expect(worst).toBeLessThan(lost * REPORT_EVERY + 150)
})
