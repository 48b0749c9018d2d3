/** In charge of the receiving side of the clock picture: what a page's video element shows, and how old it is. */
import { type ClockReading, clockGrid } from './clockGrid.ts'
import { type AnyPage, callSource, evaluate, pictureElement } from './page.ts'
import { describeScene } from './scene.ts'

/** What was seen over some frames that a video element presented. */
export interface ClockWatch {
  /** Frames presented, and how many of them held a readable clock picture. */
  samples: number
  read: number
  /** Age at the moment of presentation, in milliseconds by this machine's clock; NaN when nothing was read. */
  ageP50: number
  ageP95: number
  /** How many different frame numbers, whether time never ran backwards, whether every frame stood upright. */
  distinct: number
  monotonic: boolean
  upright: boolean
  /** Numbers of the pictures seen (1 camera, 2 screen by default), in order of appearance. */
  sources: number[]
  /** Longest time between two presented frames, in milliseconds. */
  longestGap: number
  /**
   * Picture time less media time in milliseconds, the median, since a camera on a busy machine stamps its frames early and
   * late; NaN when nothing was read.
   */
  offsetP50: number
  /**
   * What the player said of the age of each frame less what it was, in milliseconds, the median; NaN where it said nothing.
   * Both at the same moment: either of them changes while a page or its sender is busy.
   */
  latencyErrorP50: number
  /** The transports that the player said they came by, in order of appearance. */
  transports: (string | null)[]
  /** Size of the last decoded frame in pixels. */
  width: number
  height: number
  /** The last reading, or null. */
  last: ClockReading | null
}

/** Which element, how many frames, and how long at most, in milliseconds. */
export interface ClockWatchOptions {
  /** JavaScript expression for the video element; evaluated again and again, since the player may change to another. */
  element?: string
  samples?: number
  deadline?: number
}

/** Reads the frame that the element shows now; null when there is no element, no frame, or no clock picture in it. */
export async function readClock(page: AnyPage, element = pictureElement): Promise<ClockReading | null> {
  return await evaluate(page, callSource(readInPage, gridSource, element))
}

/**
 * Reads the next frames that the element presents. Rejects when fewer than `samples` (30) are presented within
 * `deadline` (15 000 ms), telling what the element, its page and the servers were doing.
 */
export async function watchClock(page: AnyPage, options: ClockWatchOptions = {}): Promise<ClockWatch> {
  const { element = pictureElement, samples = 30, deadline = 15_000 } = options
  const watched = evaluate<ClockWatch>(
    page,
    callSource(watchInPage, gridSource, `() => ${element}`, `${samples}`, `${deadline}`),
  )
  return watched.catch(async (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(`${message}${await describeScene()}`, { cause: error })
  })
}

const gridSource = `(${clockGrid.toString()})()`

/** Runs in the page; refers to nothing outside itself. */
function readInPage(grid: ReturnType<typeof clockGrid>, video: HTMLVideoElement | null): ClockReading | null {
  if (!video?.videoWidth) return null
  const wide = video.videoWidth >= video.videoHeight
  const canvas = new OffscreenCanvas(wide ? 320 : 180, wide ? 180 : 320)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('no 2d canvas')
  context.drawImage(video, 0, 0, canvas.width, canvas.height)
  return grid.decode(context.getImageData(0, 0, canvas.width, canvas.height))
}

/** Runs in the page; refers to nothing outside itself. */
function watchInPage(
  grid: ReturnType<typeof clockGrid>,
  find: () => HTMLVideoElement | null,
  samples: number,
  deadline: number,
): Promise<ClockWatch> {
  const player = document.querySelector<HTMLElement & { readonly latency: number | null }>('nearcast-player')
  const first = find()
  if (!first) throw new Error('no video element to watch')
  let video = first
  const canvas = new OffscreenCanvas(320, 180)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('no 2d canvas')
  const read: { reading: ClockReading; age: number; offset: number }[] = []
  const times: number[] = []
  const latencyErrors: number[] = []
  const transports = new Set<string | null>()

  const conclude = (): ClockWatch => {
    const readings = read.map((each) => each.reading)
    const quantile = (values: number[], share: number) =>
      values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN
    const ages = read.map(({ age }) => age)
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time))
    return {
      samples: times.length,
      read: read.length,
      ageP50: quantile(ages, 0.5),
      ageP95: quantile(ages, 0.95),
      distinct: new Set(readings.map((reading) => reading.frame)).size,
      monotonic: readings.every((reading, index) => reading.ms >= (readings[index - 1]?.ms ?? 0)),
      upright: readings.every((reading) => reading.upright),
      sources: [...new Set(readings.map((reading) => reading.source))],
      longestGap: Math.max(0, ...gaps),
      offsetP50: quantile(
        read.map(({ offset }) => offset),
        0.5,
      ),
      latencyErrorP50: quantile(latencyErrors, 0.5),
      transports: [...transports],
      width: video.videoWidth,
      height: video.videoHeight,
      last: readings.at(-1) ?? null,
    }
  }

  return new Promise((done, fail) => {
    const timer = setTimeout(() => {
      clearInterval(look)
      const { currentTime, readyState, paused, error, videoWidth } = video
      const state = { currentTime, readyState, paused, error: error?.message, videoWidth, ...conclude() }
      fail(new Error(`${times.length} of ${samples} frames in ${deadline} ms: ${JSON.stringify(state)}`))
    }, deadline)
    const onFrame = (element: HTMLVideoElement, mediaTime: number): void => {
      if (element !== video) return
      times.push(performance.now())
      const now = Date.now()
      const told = player?.latency ?? null
      transports.add(player?.getAttribute('transport') ?? null)
      context.drawImage(video, 0, 0, canvas.width, canvas.height)
      const reading = grid.decode(context.getImageData(0, 0, canvas.width, canvas.height))
      if (reading) read.push({ reading, age: now - reading.ms, offset: reading.ms - mediaTime * 1000 })
      if (reading && told !== null) latencyErrors.push(told * 1000 - (now - reading.ms))
      if (times.length < samples) {
        follow()
        return
      }
      clearTimeout(timer)
      clearInterval(look)
      done(conclude())
    }
    const follow = (): void => {
      const element = video
      element.requestVideoFrameCallback((_now, { mediaTime }) => onFrame(element, mediaTime))
    }
    const look = setInterval(() => {
      const shown = find()
      if (!shown || shown === video) return
      video = shown
      follow()
    }, 100)
    follow()
  })
}
