import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { screenLocks, WakeLock, type WakeLocks } from '../../../../client/player/WakeLock.ts'

/** A page that can be hidden, and a screen that can be kept on. */
class FakeDocument extends EventTarget {
  hidden = false
  show(isShown: boolean): void {
    this.hidden = !isShown
    this.dispatchEvent(new Event('visibilitychange'))
  }
}

let page: FakeDocument
let held: { released: boolean; release: () => Promise<void> }[]
let locks: WakeLocks
beforeEach(() => {
  page = new FakeDocument()
  held = []
  vi.stubGlobal('document', page)
  const request = async () => {
    const lock = {
      released: false,
      release: async () => {
        lock.released = true
      },
    }
    held.push(lock)
    return lock
  }
  locks = { request } as unknown as WakeLocks
})
afterEach(() => vi.unstubAllGlobals())

const settled = () => new Promise((done) => setImmediate(done))
const on = () => held.filter(({ released }) => !released).length

describe('WakeLock', () => {
  it('holds one lock while it is wanted and the page is seen', async () => {
    const lock = new WakeLock(locks)
    await settled()
    expect(held.length).toBe(0)
    lock.isWanted = true
    lock.isWanted = true
    page.show(true)
    await settled()
    expect([held.length, on()]).toEqual([1, 1])
    // The browser lets go of it when the page is hidden.
    if (held[0]) held[0].released = true
    page.show(false)
    await settled()
    expect(on()).toBe(0)
    page.show(true)
    await settled()
    expect([held.length, on()]).toEqual([2, 1])
    lock.isWanted = false
    await settled()
    expect(on()).toBe(0)
  })

  it('lets go of one that comes too late, and asks for none once closed', async () => {
    const lock = new WakeLock(locks)
    lock.isWanted = true
    lock.close()
    await settled()
    page.show(true)
    await settled()
    expect([held.length, on()]).toEqual([1, 0])
  })

  it('does without where there is none, or none is given', async () => {
    const none = new WakeLock(undefined)
    const refused = new WakeLock({ request: () => Promise.reject(new Error('battery low')) } as unknown as WakeLocks)
    for (const lock of [none, refused]) {
      lock.isWanted = true
      await settled()
      lock.close()
    }
    expect(held.length).toBe(0)
  })

  it('is not asked for in a frame that may not have it', () => {
    vi.stubGlobal('navigator', { wakeLock: locks })
    const frame = (allows: boolean) =>
      Object.assign(page, { featurePolicy: { allowsFeature: () => allows } }) as unknown as Document
    expect(screenLocks(page as unknown as Document)).toBe(locks)
    expect(screenLocks(frame(true))).toBe(locks)
    expect(screenLocks(frame(false))).toBeUndefined()
  })
})
