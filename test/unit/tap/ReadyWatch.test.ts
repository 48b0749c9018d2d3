import { describe, expect, it } from 'vitest'
import { ReadyWatch } from '../../../server/tap/ReadyWatch.ts'
import { ManualClock } from '../../helpers/packager/ManualClock.ts'

/** A watch for the line `listening`, and how long it took (ms); null while it is not ready. */
function startWatch() {
  const clock = new ManualClock()
  const watch = new ReadyWatch(/listening/, clock)
  let at: number | null = null
  const start = clock.now()
  watch.ready.then(() => {
    at = clock.now() - start
  })
  const pass = async (ms: number): Promise<number | null> => {
    clock.advanceTo(clock.now() + ms)
    await Promise.resolve()
    return at
  }
  return { watch, pass }
}

describe('ReadyWatch', () => {
  it('resolves at the line, however late it comes', async () => {
    const { watch, pass } = startWatch()
    expect(await pass(9_000)).toBe(null)
    watch.hear('first words')
    expect(await pass(1_900)).toBe(null)
    watch.hear('listening')
    expect(await pass(0)).toBe(10_900)
  })

  it('takes one that says something else for ready once it is quiet', async () => {
    const { watch, pass } = startWatch()
    for (const line of ['one', 'two', 'three']) {
      watch.hear(line)
      expect(await pass(1_500)).toBe(null)
    }
    expect(await pass(500)).toBe(5_000)
  })

  it('takes one that says nothing for ready in the end', async () => {
    const { pass } = startWatch()
    expect(await pass(9_999)).toBe(null)
    expect(await pass(1)).toBe(10_000)
  })

  it('is silent once it is closed', async () => {
    const { watch, pass } = startWatch()
    watch.close()
    watch.hear('listening')
    expect(await pass(20_000)).toBe(null)
  })
})
