import { expect, it } from 'vitest'
import { FragmentReader } from '../../../server/packager/fragmentReader.ts'
import { START } from '../../helpers/packager/ManualClock.ts'
import { Stage } from '../../helpers/packager/Stage.ts'
import {
  aacHeader,
  fragment,
  IDR,
  opusHeader,
  PPS,
  SPS,
  sample,
  videoHeader,
} from '../../helpers/packager/syntheticMedia.ts'

const SECONDS = 3600
/** Pictures' and sound's own clocks run wrong in opposite directions. */
const FAST = 1.0002
const SLOW = 0.9998

/** Eight bytes that carry a frame's true instant through the packager. */
function stamp(wall: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(wall)
  return bytes
}

/** How far a rendition's newest segment is from the truth: program date time minus capture of its first frame, in ms. */
function error(stage: Stage, id: string, header: Buffer, stampAt: number): number {
  const date = stage.lines(id, '#EXT-X-PROGRAM-DATE-TIME:').at(-1)?.slice(25) ?? ''
  const bytes = stage.bytes(id, stage.files(id).slice(-1))
  const event = new FragmentReader().push(Buffer.concat([header, bytes]))[1]
  if (!event || !('frame' in event)) throw new Error('a segment without a frame')
  return Date.parse(date) - event.frame.data.readDoubleBE(stampAt)
}

it('an hour of clocks that drift by 200 ppm apart stays within 50 ms of the truth and 40 ms of each other, without a break', () => {
  const stage = new Stage()
  const video = stage.packager.openVideo(0)
  const { aac, opus } = stage.packager.openAudio()
  const worst = { video: 0, audio: 0, apart: 0 }
  stage.packager.on('segment', ({ mediaSequence }) => {
    if (mediaSequence === 0) return
    const pictures = error(stage, 'v0', videoHeader(), 4 + 1)
    const sound = error(stage, 'audio', aacHeader(), 0)
    worst.video = Math.max(worst.video, Math.abs(pictures))
    worst.audio = Math.max(worst.audio, Math.abs(sound))
    worst.apart = Math.max(worst.apart, Math.abs(pictures - sound))
  })
  video.write(videoHeader())
  aac.write(aacHeader())
  opus.write(opusHeader())
  let frame = 0
  let tone = 0
  for (let ms = 0; ms < SECONDS * 1000; ms += 10) {
    stage.clock.advanceTo(START + ms)
    for (; frame * 100 * FAST < ms; frame++) {
      const wall = START + frame * 100 * FAST
      const slice = Buffer.concat([IDR.subarray(0, 1), stamp(wall)])
      const data =
        frame % 20 === 0 ? sample(SPS, PPS, slice) : sample(Buffer.concat([Buffer.from([0x41]), stamp(wall)]))
      video.write(fragment({ time: frame * 9000, duration: 9000, wall: wall + (frame % 3), data }))
    }
    for (; ((tone * 1024) / 48) * SLOW < ms; tone++) {
      const wall = START + ((tone * 1024) / 48) * SLOW
      const times = { time: tone * 1024, duration: 1024 }
      if (tone % 4 === 0) opus.write(fragment({ ...times, wall: wall + (tone % 3), data: Buffer.alloc(1) }))
      aac.write(fragment({ ...times, wall: wall + 70, data: stamp(wall) }))
    }
  }
  expect(stage.faults).toEqual([])
  expect(stage.persisted.at(-1)?.discontinuitySequence).toBe(1)
  expect(stage.persisted.length).toBeGreaterThan(SECONDS / 2 - 5)
  expect(worst.video).toBeLessThan(50)
  expect(worst.audio).toBeLessThan(50)
  expect(worst.apart).toBeLessThan(40)
}, 180_000)
