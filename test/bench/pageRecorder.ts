/** In charge of noting, inside a viewer's page, when pictures were presented; and of reading the standstill out of it. */
import { type AnyPage, callSource, evaluate } from '../helpers/page.ts'

/** Times are milliseconds since the page's navigation began. */
export interface PictureRecord {
  /** When the first decoded frame of any video was presented; null before. */
  readonly first: number | null
  /** When frames of the element that the player showed were presented, the last 3000 of them. */
  readonly shown: readonly number[]
}

/** The source of an init script; it must run before the page's own scripts. */
export const pictureRecorderScript = callSource(recordPictures)

export async function readPictureRecord(page: AnyPage): Promise<PictureRecord> {
  return await evaluate<PictureRecord>(page, 'globalThis.pictureRecord')
}

/** The page's clock, in the record's unit. */
export async function readPageClock(page: AnyPage): Promise<number> {
  return await evaluate<number>(page, 'performance.now()')
}

/** A pause between two frames. */
export interface Standstill {
  readonly from: number
  readonly to: number
}

/** The longest pause that ended after `since`; null when no frame came since. Pure. */
export function longestStandstill(times: readonly number[], since: number): Standstill | null {
  let longest: Standstill | null = null
  for (const [index, to] of times.entries()) {
    const from = times[index - 1]
    if (from === undefined || to <= since) continue
    if (longest === null || to - from > longest.to - longest.from) longest = { from, to }
  }
  return longest
}

/** Runs in the page; refers to nothing outside itself. */
function recordPictures(): void {
  const mostKept = 3000
  const record: { first: number | null; shown: number[] } = { first: null, shown: [] }
  Object.assign(globalThis, { pictureRecord: record })

  const follow = (video: HTMLVideoElement) => {
    const onFrame = () => {
      const now = performance.now()
      record.first ??= now
      // The player decides in callbacks of this same frame which element it shows: asked once they have run.
      setTimeout(() => {
        const player = document.querySelector('nearcast-player') as { video?: unknown } | null
        if (player?.video !== video) return
        record.shown.push(now)
        if (record.shown.length > mostKept) record.shown.shift()
      })
      video.requestVideoFrameCallback(onFrame)
    }
    video.requestVideoFrameCallback(onFrame)
  }

  const create = Document.prototype.createElement
  Document.prototype.createElement = function (this: Document, name: string, options?: ElementCreationOptions) {
    const element = create.call(this, name, options)
    if (element instanceof HTMLVideoElement) follow(element)
    return element
  } as typeof create
}
