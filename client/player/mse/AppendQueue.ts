/** In charge of one source buffer: one append, removal or change of type at a time, the next when `updateend` says so. */
import { Emitter } from '../../lib/Emitter.ts'

/** What is asked of a `SourceBuffer`. */
export interface AppendTarget {
  readonly updating: boolean
  readonly buffered: Pick<TimeRanges, 'length' | 'start'>
  appendBuffer(bytes: Uint8Array<ArrayBuffer>): void
  remove(start: number, end: number): void
  changeType(mime: string): void
  addEventListener(name: 'updateend' | 'error', listener: () => void): void
  removeEventListener(name: 'updateend' | 'error', listener: () => void): void
}

export type AppendQueueEvents = {
  /** An append has been done. */
  appended: []
  /** The buffer can't take this media, or there is no room that could be made. Nothing follows. */
  failed: []
}

type Task =
  | { readonly kind: 'append'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'remove'; readonly until: number }
  | { readonly kind: 'type'; readonly mime: string }

/** Bytes that may wait: above the largest picture group. More means that the buffer is stuck. */
const MOST_WAITING = 32 * 1024 * 1024

export class AppendQueue extends Emitter<AppendQueueEvents> {
  readonly #target: AppendTarget
  /** Up to where media may be removed when the buffer is full, in seconds. */
  readonly #spare: () => number
  #tasks: Task[] = []
  #waiting = 0
  #underWay: Task['kind'] | null = null
  #isOver = false

  constructor(target: AppendTarget, spare: () => number) {
    super()
    this.#target = target
    this.#spare = spare
    target.addEventListener('updateend', this.#onUpdateEnd)
    target.addEventListener('error', this.#onError)
  }

  /** Nothing waits and nothing is under way. */
  get isIdle(): boolean {
    return this.#tasks.length === 0 && this.#underWay === null && !this.#target.updating
  }

  append(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#isOver) return
    this.#waiting += bytes.byteLength
    if (this.#waiting > MOST_WAITING) {
      this.#fail()
      return
    }
    const last = this.#tasks.at(-1)
    // What comes while the buffer is busy goes in together.
    if (last?.kind === 'append') this.#tasks.splice(-1, 1, { kind: 'append', bytes: joined(last.bytes, bytes) })
    else this.#tasks.push({ kind: 'append', bytes })
    this.#next()
  }

  /** What is appended from now on is of this type. */
  changeType(mime: string): void {
    this.#tasks.push({ kind: 'type', mime })
    this.#next()
  }

  /** Removes what ends before a time in seconds; nothing when nothing begins before it. */
  trim(until: number): void {
    if (this.#tasks.some(({ kind }) => kind === 'remove') || !this.#beginsBefore(until)) return
    this.#tasks.push({ kind: 'remove', until })
    this.#next()
  }

  close(): void {
    this.#isOver = true
    this.removeAllListeners()
    this.#tasks = []
    this.#target.removeEventListener('updateend', this.#onUpdateEnd)
    this.#target.removeEventListener('error', this.#onError)
  }

  #next(): void {
    while (!this.#isOver && this.#underWay === null && !this.#target.updating) {
      const task = this.#tasks.shift()
      if (!task) return
      this.#do(task)
    }
  }

  #do(task: Task): void {
    const { kind } = task
    try {
      switch (kind) {
        case 'append':
          this.#target.appendBuffer(task.bytes)
          this.#waiting -= task.bytes.byteLength
          this.#underWay = kind
          break
        case 'remove':
          this.#target.remove(0, task.until)
          this.#underWay = kind
          break
        case 'type':
          this.#target.changeType(task.mime)
      }
    } catch (error) {
      const isFull = error instanceof DOMException && error.name === 'QuotaExceededError'
      const until = this.#spare()
      if (isFull && this.#beginsBefore(until)) this.#tasks.unshift({ kind: 'remove', until }, task)
      else this.#fail()
    }
  }

  readonly #onUpdateEnd = (): void => {
    const done = this.#underWay
    this.#underWay = null
    if (this.#isOver) return
    if (done === 'append') this.emit('appended')
    this.#next()
  }

  readonly #onError = (): void => this.#fail()

  #fail(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.emit('failed')
  }

  #beginsBefore(time: number): boolean {
    const { buffered } = this.#target
    return buffered.length > 0 && buffered.start(0) < time
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.byteLength + b.byteLength)
  both.set(a)
  both.set(b, a.byteLength)
  return both
}
