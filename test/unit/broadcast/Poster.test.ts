import { describe, expect, it } from 'vitest'
import { Poster } from '../../../server/broadcast/Poster.ts'
import { ManualClock } from '../../helpers/packager/ManualClock.ts'
import { Stage } from '../../helpers/packager/Stage.ts'
import { every, pictures, sound } from '../../helpers/packager/streams.ts'

/** A maker whose pictures say what they were made of, and the poster that asks it. */
function studio() {
  const clock = new ManualClock()
  const asked: (readonly Buffer[])[] = []
  const warnings: string[] = []
  const maker = { fails: false }
  const make = async (media: readonly Buffer[]) => {
    asked.push(media)
    if (maker.fails) throw new Error('no picture')
    return Buffer.from(`picture ${asked.length}`)
  }
  const log = { warn: (_facts: object, message: string) => void warnings.push(message) }
  const poster = new Poster({ stills: { make }, clock, log })
  const heights = [
    { id: 'v0', height: 180 },
    { id: 'v1', height: 360 },
    { id: 'v2', height: 720 },
    { id: 'audio', height: 0 },
  ]
  /** Shows it segments of layers, and hands them back. */
  const show = (layers: readonly number[], seconds = 4.5) => {
    const stage = new Stage()
    stage.packager.on('segment', ({ listed }) => poster.see(listed, heights))
    const keyFrames = every(2, seconds + 1)
    stage.play(...layers.map((layer) => pictures(stage, { layer, until: seconds, keyFrames })), sound(stage, seconds))
    return stage
  }
  const read = async () => (await poster.newest())?.bytes.toString() ?? null
  return { clock, asked, warnings, maker, poster, show, read }
}

describe('Poster', () => {
  it('has nothing before the first segment, and asks nobody then', async () => {
    const { poster, read, asked } = studio()
    expect(await read()).toBeNull()
    expect([poster.hasPicture, asked]).toEqual([false, []])
  })

  it('makes a picture of the init segment and the key frame alone, of the tallest rung up to 360', async () => {
    const { show, read, asked } = studio()
    const stage = show([0, 1, 2])
    expect(await read()).toBe('picture 1')
    const [init, picture] = asked[0] ?? []
    expect(init?.equals(stage.bytes('v1', ['r1-init-0.mp4']))).toBe(true)
    const segment = stage.bytes('v1', ['r1-1.m4s'])
    expect(picture?.length).toBeLessThan(segment.length)
    expect(segment.subarray(0, picture?.length).equals(picture ?? Buffer.alloc(0))).toBe(true)
  })

  it('takes the lowest rung when all are tall', async () => {
    const { show, read, asked } = studio()
    const stage = show([2])
    await read()
    expect(asked[0]?.[0]?.equals(stage.bytes('v2', ['r1-init-0.mp4']))).toBe(true)
  })

  it('makes one at a time for all who ask, and none again before ten seconds are over or without a new segment', async () => {
    const { clock, show, read, asked } = studio()
    show([0])
    expect(await Promise.all([read(), read(), read()])).toEqual(Array(3).fill('picture 1'))
    show([0], 8.5)
    clock.advanceTo(clock.now() + 9_999)
    expect(await read()).toBe('picture 1')
    clock.advanceTo(clock.now() + 1)
    expect(await read()).toBe('picture 2')
    clock.advanceTo(clock.now() + 60_000)
    expect(await read()).toBe('picture 2')
    expect(asked).toHaveLength(2)
  })

  it('keeps the last picture when none can be made, says so to the operator, and tries again later', async () => {
    const { clock, show, read, maker, asked, warnings } = studio()
    maker.fails = true
    show([0])
    expect(await read()).toBeNull()
    expect(await read()).toBeNull()
    expect([asked.length, warnings.length]).toEqual([1, 1])
    maker.fails = false
    show([0], 8.5)
    clock.advanceTo(clock.now() + 10_000)
    expect(await read()).toBe('picture 2')
    maker.fails = true
    show([0], 12.5)
    clock.advanceTo(clock.now() + 10_000)
    expect(await read()).toBe('picture 2')
  })

  it('has nothing once it was told to forget', async () => {
    const { poster, show, read } = studio()
    show([0])
    await read()
    poster.forget()
    expect([await read(), poster.hasPicture]).toEqual([null, false])
  })
})
