import { describe, expect, it } from 'vitest'
import { LOOK_EVERY_MS, SilenceWatch } from '../../../server/packager/SilenceWatch.ts'

const PART_MS = 350

/** Frames come all the time, `behindMs` behind the others, for `seconds`. */
function lag(watch: SilenceWatch, behindMs: number, seconds: number): void {
  for (let time = 0; time < seconds * 1000; time += LOOK_EVERY_MS) {
    watch.moved(33)
    watch.look(behindMs, PART_MS)
  }
}

describe('a stream that others wait for', () => {
  it('is silent before its first frame and after its attempt', () => {
    const watch = new SilenceWatch()
    expect(watch.silent).toBe(true)
    watch.moved(33)
    expect(watch.silent).toBe(false)
    watch.close()
    expect(watch.silent).toBe(true)
  })

  it('is silent after four looks without a frame when others are ahead, after two seconds when nobody is', () => {
    const [awaited, lonely] = [new SilenceWatch(), new SilenceWatch()]
    for (const watch of [awaited, lonely]) watch.moved(33)
    for (let look = 0; look < 4; look += 1) {
      awaited.look(PART_MS + 1, PART_MS)
      lonely.look(0, PART_MS)
    }
    expect([awaited.silent, lonely.silent]).toEqual([true, false])
    for (let look = 4; look < 20; look += 1) lonely.look(0, PART_MS)
    expect(lonely.silent).toBe(true)
  })

  it('is not waited for when it moves a second and a half behind, and is taken back when it catches up', () => {
    const watch = new SilenceWatch()
    lag(watch, 2000, 1)
    expect([watch.silent, watch.stranded]).toEqual([true, false])
    lag(watch, 100, 0.1)
    expect(watch.silent).toBe(false)
  })

  it('is stranded when it does not catch up for five seconds, until a new attempt', () => {
    const watch = new SilenceWatch()
    lag(watch, 2000, 5)
    expect(watch.stranded).toBe(true)
    watch.forgive()
    expect(watch.stranded).toBe(false)
  })
})
