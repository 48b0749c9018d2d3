import { execFile } from 'node:child_process'
import { request } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Archive } from '../../../server/archive/Archive.ts'
import { type KeptMedia, keptMedia } from '../../../server/archive/KeptMedia.ts'
import { dashRoutes } from '../../../server/delivery/dashRoutes.ts'
import { hlsRoutes } from '../../../server/delivery/hlsRoutes.ts'
import { KeptRoutes } from '../../../server/delivery/keptRoutes.ts'
import { systemClock } from '../../../server/lib/clock.ts'
import { Metrics } from '../../../server/ops/metrics.ts'
import { NearcastError } from '../../../shared/errors.ts'
import { makeFolder, type TestFolder } from '../../helpers/archive/folder.ts'
import { fillArchive } from '../../helpers/archive/realArchive.ts'
import { startHttpServer, type TestHttpServer } from '../../helpers/httpServer.ts'
import { decode } from '../../helpers/packager/ffmpegMedia.ts'
import { waitFor } from '../../helpers/waitFor.ts'

const run = promisify(execFile)
const id = 'AAAAbbbbCCCCdddd'

let folder: TestFolder
let server: TestHttpServer
let archive: Archive
let kept: KeptMedia | null
let isRecording = false
const counted: string[] = []
const metrics = new Metrics()

beforeAll(async () => {
  folder = await makeFolder()
  archive = await fillArchive(join(folder.path, id))
  const directory = {
    async kept(asked: string) {
      if (asked !== id) throw new NearcastError('broadcast-not-found')
      return kept
    },
    isRecording: () => isRecording,
    countHttpViewer: (broadcast: string, session: string) => void counted.push(`${broadcast} ${session}`),
    dash(): never {
      throw new NearcastError('broadcast-ended')
    },
    hls(): never {
      throw new NearcastError('broadcast-ended')
    },
  }
  const log = { error() {} }
  const routes = new KeptRoutes({ directory, metrics, log })
  const hls = hlsRoutes({
    directory,
    addressOf: () => '127.0.0.1',
    maxHeld: 10,
    maxHeldPerAddress: 10,
    metrics,
    clock: systemClock,
    log,
    older: (req, res) => routes.answerMedia(req, res),
  })
  const dash = dashRoutes({ directory, metrics, clock: systemClock, log })
  server = await startHttpServer((req, res) => {
    if (!routes.door(req, res) && !hls(req, res) && !dash(req, res)) res.writeHead(299).end()
  })
  show('recording')
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

function show(what: 'recording' | 'window' | 'nothing') {
  isRecording = what === 'recording'
  const from = archive.segments[3]?.startsAt ?? 0
  if (what === 'recording') kept = keptMedia(archive, { recording: { kind: 'recording', from: 0 } })
  else kept = what === 'window' ? keptMedia(archive, { window: { kind: 'window', from } }) : null
}

const get = (path: string, init?: RequestInit) => fetch(`${server.url}/hls/${path}`, init)
const names = (text: string) => text.match(/^[^#\n]+$/gm) ?? []

describe('a recording over HTTP', () => {
  it('is found at the link of the broadcast, and plays from its beginning to its end without a complaint', async () => {
    show('recording')
    const index = `${server.url}/hls/${id}/index.m3u8`
    const { stdout, stderr } = await run('ffprobe', [
      '-v',
      'warning',
      '-show_format',
      '-show_streams',
      '-of',
      'json',
      index,
    ])
    expect(stderr).toBe('')
    const probed = JSON.parse(stdout) as {
      format: { duration: string }
      streams: { width?: number; codec_name: string }[]
    }
    expect(Math.abs(Number(probed.format.duration) - 14)).toBeLessThan(0.2)
    expect(probed.streams.map(({ codec_name, width }) => [codec_name, width])).toEqual(
      expect.arrayContaining([
        ['h264', 320],
        ['h264', 640],
        ['aac', undefined],
      ]),
    )
    for (const rendition of ['v0', 'v1']) {
      expect(await decode(`${server.url}/hls/${id}/${rendition}/recording.m3u8`, 'v')).toBe(14 * 30)
    }
    const frames = await decode(`${server.url}/hls/${id}/audio/recording.m3u8`, 'a')
    expect(Math.abs(frames - (14 * 48_000) / 1024)).toBeLessThan(6)
  })

  it('plays by DASH, too: one Period after the other, without the time between them', async () => {
    show('recording')
    const manifest = `${server.url}/dash/${id}/manifest.mpd`
    const text = await (await fetch(manifest)).text()
    expect(text).toContain('type="static"')
    const [, duration] = /mediaPresentationDuration="PT([\d.]+)S"/.exec(text) ?? []
    expect(Math.abs(Number(duration) - 14)).toBeLessThan(0.1)
    const starts = [...text.matchAll(/<Period[^>]* start="PT([\d.]+)S"(?: duration="PT([\d.]+)S")?/g)]
    const [first, second] = starts.map(([, start, length]) => [Number(start), Number(length ?? 0)])
    expect(Math.abs((first?.[1] ?? 0) - (second?.[0] ?? 0))).toBeLessThan(0.002)
    expect(second?.[0]).toBeLessThan(8.5)
    for (const [, rendition, media] of text.matchAll(/initialization="(\$\w+\$)\/([\w.-]+)"/g)) {
      expect(rendition).toBe('$RepresentationID$')
      expect(media).toMatch(/init/)
    }
    const { stderr } = await run('ffprobe', ['-v', 'error', '-show_streams', manifest])
    expect(stderr).toBe('')
    show('nothing')
    expect((await fetch(manifest)).status).toBe(410)
  })

  it('is sent by range, and only what is new', async () => {
    show('recording')
    const [name = ''] = names(await (await get(`${id}/v1/recording.m3u8`)).text())
    const whole = await get(`${id}/v1/${name}`)
    const bytes = Buffer.from(await whole.arrayBuffer())
    expect(whole.headers.get('content-length')).toBe(String(bytes.length))
    expect(whole.headers.get('content-type')).toBe('video/mp4')
    expect(whole.headers.get('cache-control')).toContain('immutable')
    const some = await get(`${id}/v1/${name}`, { headers: { Range: 'bytes=10-19' } })
    expect([some.status, some.headers.get('content-range')]).toEqual([206, `bytes 10-19/${bytes.length}`])
    expect(Buffer.from(await some.arrayBuffer())).toEqual(bytes.subarray(10, 20))
    const tail = await get(`${id}/v1/${name}`, { headers: { Range: 'bytes=-5' } })
    expect(Buffer.from(await tail.arrayBuffer())).toEqual(bytes.subarray(-5))
    expect((await get(`${id}/v1/${name}`, { headers: { Range: `bytes=${bytes.length}-` } })).status).toBe(416)
    const head = await get(`${id}/v1/${name}`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)])
    const etag = whole.headers.get('etag') ?? ''
    expect((await get(`${id}/v1/${name}`, { headers: { 'If-None-Match': etag } })).status).toBe(304)
  })

  it('refuses names that were never listed, other methods, and what is not kept', async () => {
    show('recording')
    for (const path of [
      'v1/000001.media',
      'v1/..%2f000001.media',
      'v7/recording.m3u8',
      'v1/window.m3u8',
      'window.m3u8',
    ]) {
      expect((await get(`${id}/${path}`)).status, path).toBeGreaterThanOrEqual(404)
    }
    expect((await get(`${id}/index.m3u8`, { method: 'POST' })).status).toBe(405)
    expect((await get('ZZZZbbbbCCCCdddd/index.m3u8')).status).toBe(404)
    show('nothing')
    expect((await get(`${id}/v1/recording.m3u8`)).status).toBe(404)
    expect((await get(`${id}/index.m3u8`)).status).toBe(410)
  })

  it('compresses playlists once, for whoever takes that', async () => {
    show('recording')
    const sent = await new Promise<{ coding: string | undefined; body: Buffer }>((done, failed) => {
      const url = `${server.url}/hls/${id}/v0/recording.m3u8`
      request(url, { headers: { 'Accept-Encoding': 'gzip' } }, async (answer) => {
        done({ coding: answer.headers['content-encoding'], body: Buffer.concat(await answer.toArray()) })
      })
        .on('error', failed)
        .end()
    })
    expect(sent.coding).toBe('gzip')
    expect(gunzipSync(sent.body).toString()).toBe(archive.playlist('v0', { kind: 'recording', from: 0 })?.text)
  })

  it('closes a file when its reader leaves', async () => {
    show('recording')
    const [name = ''] = names(await (await get(`${id}/v1/recording.m3u8`)).text())
    const streams = () => Number(/^nearcast_kept_streams (\d+)$/m.exec(metrics.render())?.[1])
    await new Promise<void>((done, failed) => {
      const asked = request(`${server.url}/hls/${id}/v1/${name}`, (answer) => {
        answer.destroy()
        done()
      })
      asked.on('error', failed).end()
    })
    await waitFor('no file is read any more', async () => streams() === 0)
  })
})

describe('the window over HTTP', () => {
  it('lists what one can go back to, without an end, and counts a player that has no signaling', async () => {
    show('window')
    const multivariant = await get(`${id}/window.m3u8`)
    expect(multivariant.headers.get('cache-control')).toBe('private, no-store')
    const text = await multivariant.text()
    const [first = ''] = names(text)
    expect(first).toMatch(/^v0\/window\.m3u8\?session=[\w-]{22}$/)
    const media = await (await get(`${id}/${first}`)).text()
    expect(counted.at(-1)).toBe(`${id} ${first.split('=')[1]}`)
    expect(media).toContain('#EXT-X-MEDIA-SEQUENCE:3\n')
    expect(media).not.toContain('#EXT-X-ENDLIST')
    expect(names(media)).toHaveLength(archive.segments.length - 3)
    for (const name of names(media)) expect((await get(`${id}/v0/${name}`)).status).toBe(200)
    const ours = await get(`${id}/window.m3u8?player=1`)
    expect(await ours.text()).not.toContain('session')
    expect(ours.headers.get('cache-control')).toBe('public, max-age=1')
  })

  it('leaves the link of the broadcast to its live playlist', async () => {
    show('window')
    expect((await get(`${id}/index.m3u8`)).status).toBe(410)
  })
})
