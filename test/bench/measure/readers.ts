/** In charge of the row "readers": hls.js and FFmpeg read along with a real broadcast and must not stumble. */
import { setTimeout as after } from 'node:timers/promises'
import { TestProcess } from '../../helpers/childProcess.ts'
import { serveHlsJs, startHlsJs } from '../../helpers/hlsJsPage.ts'
import { evaluate } from '../../helpers/page.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { type BehindAt, drift, FrameLines, StepCounter } from '../readerFacts.ts'
import type { Outcome } from '../report.ts'
import { type BenchContext, Stand } from '../Stand.ts'

/** Milliseconds from the first picture on that a reader may take to find his place. */
const SETTLE_MS = 10_000
const PLAYING_DEADLINE_MS = 20_000

/** What became of a reader. */
interface Reading {
  readonly reader: string
  readonly stalls: number
  readonly gaps: number
  /** In the reader's own words. */
  readonly errors: readonly string[]
  /** What happened, in order, where the reader tells. */
  readonly events?: readonly string[]
  readonly looks: readonly BehindAt[]
}

const HEAD = ['reader', 'stalls', 'gaps', 'errors', 'behind at start', 'behind at end', 'drift']

export async function measureReaders({ signal, minutes, say }: BenchContext): Promise<Outcome> {
  await using stand = await Stand.create({ signal })
  const { id } = await stand.goLive()
  const url = `${stand.server.url}/hls/${id}/index.m3u8`
  say(`reading along for ${minutes} minutes`)
  const readings = await Promise.all([readByHlsJs(stand, url, minutes, signal), readByFfmpeg(url, minutes, signal)])
  const sent = await stand.requireRungs(id)
  return {
    kind: 'listed',
    head: HEAD,
    rows: readings.map(cells),
    records: readings.map(({ looks, ...reading }) => ({ ...reading, ...drift(looks) })),
    notes: [
      `${minutes} minutes; ${sent}`,
      ...readings.flatMap(({ reader, errors }) =>
        errors.length === 0 ? [] : [`${reader}: ${[...new Set(errors)].join('; ')}`],
      ),
    ],
  }
}

function cells({ reader, stalls, gaps, errors, looks }: Reading): string[] {
  const seconds = (value: number | undefined) => (value === undefined ? '-' : `${value.toFixed(2)} s`)
  const { start, end } = drift(looks) ?? {}
  const change = start === undefined || end === undefined ? undefined : end - start
  return [reader, `${stalls}`, `${gaps}`, `${errors.length}`, ...[start, end, change].map(seconds)]
}

/** What the page keeps of hls.js. */
interface PageRecord {
  stalls: number
  looks: BehindAt[]
  errors: string[]
  mediaEvents: string[]
}

/** hls.js as on anyone's page: low latency mode is a default of it, to make up what a pause of the sender cost is not. */
const CONFIG = { maxLiveSyncPlaybackRate: 1.2 }

async function readByHlsJs(stand: Stand, url: string, minutes: number, signal: AbortSignal): Promise<Reading> {
  await using site = await serveHlsJs()
  const page = await stand.viewer.newPage()
  await page.goto(site.url)
  await evaluate(page, startHlsJs(CONFIG))
  await evaluate(page, `{ hls.loadSource(${JSON.stringify(url)}); hls.attachMedia(video); video.play() }`)
  await waitFor('hls.js plays', () => evaluate<boolean>(page, 'video.currentTime > 0 && hls.playingDate !== null'), {
    deadline: PLAYING_DEADLINE_MS,
  })
  await after(SETTLE_MS, undefined, { signal })
  await evaluate(
    page,
    `{
      const record = { stalls: 0, looks: [] }
      errors.length = mediaEvents.length = 0
      video.addEventListener('waiting', () => record.stalls++)
      setInterval(() => {
        const at = Date.now() / 1000
        record.looks.push({ at, behind: at - hls.playingDate.getTime() / 1000 })
      }, 1000)
      globalThis.record = record
    }`,
  )
  await after(minutes * 60_000, undefined, { signal })
  const record = await evaluate<PageRecord>(page, '({ ...record, errors, mediaEvents })')
  await page.context().close()
  // What hls.js calls a seek over a hole is a gap in the media that it was given.
  const gaps = record.errors.filter((details) => details === 'bufferSeekOverHole').length
  const { stalls, errors, mediaEvents: events, looks } = record
  return { reader: 'hls.js', stalls, gaps, errors, events, looks }
}

/** FFmpeg reads the init segment again after each look at a live playlist, and finds that it has it. */
const HARMLESS = /Opening '|Found duplicated MOOV Atom|-vsync is deprecated/

/** FFmpeg decodes the first picture and the sound as they come, and tells the time of each frame. */
async function readByFfmpeg(url: string, minutes: number, signal: AbortSignal): Promise<Reading> {
  const args = ['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'level+warning', '-i', url]
  // The stream's own time base: rawvideo's is one over the frame rate, in which frames of a camera coincide.
  const output = ['-map', '0:v:0', '-map', '0:a:0', '-vsync', 'passthrough', '-enc_time_base', '-1']
  await using ffmpeg = await TestProcess.create(
    'ffmpeg',
    [...args, ...output, '-flush_packets', '1', '-f', 'framecrc', '-'],
    process.env,
  )
  const lines = new FrameLines()
  const steps = new StepCounter()
  const errors: string[] = []
  const looks: BehindAt[] = []
  let behindMost = Number.POSITIVE_INFINITY
  ffmpeg.onLine((line) => {
    const frame = lines.read(line)
    if (frame) {
      steps.add(frame)
      if (frame.stream === 0) behindMost = Math.min(behindMost, Date.now() / 1000 - frame.time)
    } else if (line.startsWith('[') && !HARMLESS.test(line)) errors.push(line)
  })
  await ffmpeg.find('a decoded frame', (line) => (/^0, +\d/.test(line) ? true : undefined), PLAYING_DEADLINE_MS)
  await after(SETTLE_MS, undefined, { signal })
  const until = Date.now() + minutes * 60_000
  behindMost = Number.POSITIVE_INFINITY
  let stalls = 0
  while (Date.now() < until) {
    // Segments come every two seconds: in five of them there is at least one.
    await after(5_000, undefined, { signal })
    if (!ffmpeg.running) throw new Error('FFmpeg ended')
    if (behindMost === Number.POSITIVE_INFINITY) stalls++
    else looks.push({ at: Date.now() / 1000, behind: behindMost })
    behindMost = Number.POSITIVE_INFINITY
  }
  const first = looks[0]?.behind ?? 0
  // Its times begin at zero: how far behind is told by the difference alone.
  const relative = looks.map(({ at, behind }) => ({ at, behind: behind - first }))
  if (steps.first !== null) errors.push(`${steps.gaps} gaps, ${steps.backwards} times back; first: ${steps.first}`)
  return { reader: 'FFmpeg', stalls, gaps: steps.gaps + steps.backwards, errors, looks: relative }
}
