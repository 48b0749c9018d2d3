import { beforeEach, describe, expect, it } from 'vitest'
import { AppendQueue, type AppendTarget } from '../../../../../client/player/mse/AppendQueue.ts'

/** Takes one thing at a time, and is done when it is told. */
class FakeBuffer implements AppendTarget {
  readonly done: string[] = []
  readonly #listeners = { updateend: new Set<() => void>(), error: new Set<() => void>() }
  updating = false
  starts = 0
  refuses: Error | null = null
  get buffered() {
    return { length: 1, start: () => this.starts }
  }
  appendBuffer = (bytes: Uint8Array) => this.#begin(`append ${Buffer.from(bytes)}`)
  remove = (start: number, end: number) => this.#begin(`remove ${start}-${end}`)
  changeType = (mime: string) => void this.done.push(`type ${mime}`)
  addEventListener = (name: 'updateend' | 'error', listener: () => void) => void this.#listeners[name].add(listener)
  removeEventListener = (name: 'updateend' | 'error', listener: () => void) =>
    void this.#listeners[name].delete(listener)
  #begin(what: string): void {
    if (this.updating) throw new DOMException('busy', 'InvalidStateError')
    if (this.refuses && what.startsWith('append')) throw this.refuses
    this.updating = true
    this.done.push(what)
  }
  fire(name: 'updateend' | 'error' = 'updateend'): void {
    this.updating = false
    for (const listener of this.#listeners[name]) listener()
  }
  get heard(): number {
    return this.#listeners.updateend.size + this.#listeners.error.size
  }
}

const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const full = new DOMException('full', 'QuotaExceededError')

let buffer: FakeBuffer
let queue: AppendQueue
let events: string[]
beforeEach(() => {
  buffer = new FakeBuffer()
  queue = new AppendQueue(buffer, () => 7)
  events = []
  queue.on('appended', () => events.push('appended'))
  queue.on('failed', () => events.push('failed'))
})

describe('AppendQueue', () => {
  it('keeps one append under way, and puts what comes meanwhile into the next one', () => {
    for (const text of ['a', 'b', 'c']) queue.append(bytes(text))
    expect([buffer.done, queue.isIdle]).toEqual([['append a'], false])
    buffer.fire()
    expect(buffer.done).toEqual(['append a', 'append bc'])
    buffer.fire()
    expect([events, queue.isIdle]).toEqual([['appended', 'appended'], true])
  })

  it('waits for an update that is none of its own', () => {
    buffer.updating = true
    queue.append(bytes('a'))
    expect(buffer.done).toEqual([])
    buffer.fire()
    expect(buffer.done).toEqual(['append a'])
  })

  it('changes the type between the appends that it was asked between', () => {
    queue.append(bytes('old'))
    queue.append(bytes('more'))
    queue.changeType('video/mp4')
    queue.append(bytes('new'))
    for (let update = 0; update < 3; update++) buffer.fire()
    expect(buffer.done).toEqual(['append old', 'append more', 'type video/mp4', 'append new'])
  })

  it('trims in its turn, once, and only where there is something before', () => {
    buffer.starts = 5
    queue.trim(4)
    expect(buffer.done).toEqual([])
    queue.append(bytes('a'))
    queue.trim(6)
    queue.trim(6.1)
    buffer.fire()
    buffer.fire()
    expect([buffer.done, events]).toEqual([['append a', 'remove 0-6'], ['appended']])
  })

  it('makes room when the buffer is full, and goes on where it was', () => {
    buffer.refuses = full
    queue.append(bytes('a'))
    queue.append(bytes('b'))
    expect(buffer.done).toEqual(['remove 0-7'])
    buffer.refuses = null
    buffer.starts = 7
    buffer.fire()
    buffer.fire()
    expect([buffer.done, events]).toEqual([['remove 0-7', 'append ab'], ['appended']])
  })

  it('fails when no room can be made', () => {
    buffer.refuses = full
    buffer.starts = 7
    queue.append(bytes('a'))
    queue.append(bytes('b'))
    expect([buffer.done, events]).toEqual([[], ['failed']])
  })

  it('fails once when the buffer takes no more of it: media that is broken, an element that is in error', () => {
    queue.append(bytes('a'))
    buffer.fire('error')
    buffer.fire()
    queue.append(bytes('b'))
    expect([buffer.done, events]).toEqual([['append a'], ['failed']])
    buffer.refuses = new DOMException('removed', 'InvalidStateError')
    const other = new AppendQueue(buffer, () => 7)
    other.on('failed', () => events.push('other failed'))
    other.append(bytes('c'))
    expect(events).toEqual(['failed', 'other failed'])
  })

  it('keeps no endless amount for a buffer that is stuck', () => {
    buffer.updating = true
    for (let megabyte = 0; megabyte < 40; megabyte++) queue.append(new Uint8Array(1024 * 1024))
    expect(events).toEqual(['failed'])
  })

  it('is quiet once closed', () => {
    queue.append(bytes('a'))
    queue.append(bytes('b'))
    queue.close()
    buffer.fire()
    expect([buffer.done, events, buffer.heard]).toEqual([['append a'], [], 0])
  })
})
