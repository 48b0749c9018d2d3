/**
 * The first process of the capacity bench: one server as far as HTTP goes. The real door with the real server's limits,
 * over a real packager that a real FFmpeg feeds in real time; no SFU and no browser. Ends when its parent goes.
 */
import { randomBytes } from 'node:crypto'
import { clientAddress } from '../../../server/api/clientAddress.ts'
import { newBroadcastId } from '../../../server/auth/keys.ts'
import { parseConfig } from '../../../server/config.ts'
import { hlsRoutes } from '../../../server/delivery/hlsRoutes.ts'
import { systemClock as clock } from '../../../server/lib/clock.ts'
import { Disposer } from '../../../server/lib/Disposer.ts'
import { defaultHttpLimits } from '../../../server/ops/hardenServer.ts'
import { closeHttpServer, createHttpServer, listen } from '../../../server/ops/httpServer.ts'
import { createLogger } from '../../../server/ops/logger.ts'
import { Metrics } from '../../../server/ops/metrics.ts'
import { Packager } from '../../../server/packager/Packager.ts'
import { LiveFeed } from './LiveFeed.ts'
import { readLiveEdge } from './livePlaylist.ts'
import type { Birth, FromOrigin, OriginTask } from './protocol.ts'

/** What the clients load: the lowest rung and the sound. */
const WATCHED = ['v0', 'audio']
/** Blocking playlist request and part, of picture and sound each; and as many requests held at most. */
const CONNECTIONS_PER_CLIENT = 4
/** Segments after which the window is full, as it is in a broadcast that has been on for a while. */
const SETTLED_AFTER_SEGMENTS = 3

const task = JSON.parse(process.argv[2] ?? '{}') as OriginTask
const disposer = new Disposer()
process.once('disconnect', () => void disposer.close())

const config = parseConfig({})
const log = createLogger('warn', process.stderr)
// As a broadcast makes it, without what it keeps on disk.
const source = Packager.create({
  runId: randomBytes(6).toString('hex'),
  liveSince: null,
  startMediaSequence: 0,
  startDiscontinuitySequence: 0,
  segmentMinimum: 1.7,
  targetDuration: 3,
  partTarget: config.partTarget,
  windowSegments: config.windowSegments,
  persistSequence: () => {},
  clock,
  log,
})
disposer.add(() => source.close('the bench is over'))
const feed = await LiveFeed.create(task.clip, source)
disposer.add(() => feed.close())

const id = newBroadcastId()
const known = new Set<string>()
let segments = 0
// Before the door's own listener, so that a birth is told before anybody hears of the part.
source.on('progress', () => {
  const now = Date.now()
  const births: Birth[] = []
  for (const rendition of WATCHED) {
    const text = source.playlist(rendition)?.text()
    if (text === undefined) continue
    for (const part of readLiveEdge(text).parts) {
      const path = `/hls/${id}/${rendition}/${part}`
      if (known.has(path)) continue
      known.add(path)
      births.push([path, now])
    }
    segments = text.split('#EXTINF').length - 1
  }
  if (births.length > 0) tell({ kind: 'births', births })
  if (segments >= SETTLED_AFTER_SEGMENTS) ready()
})

const door = hlsRoutes({
  directory: { hls: () => source, countHttpViewer: () => {} },
  addressOf: (req) => clientAddress(req, task.behindProxy ? 1 : 0),
  maxHeld: Math.max(config.maxHeld, task.clients * CONNECTIONS_PER_CLIENT),
  maxHeldPerAddress: config.maxHeldPerAddress,
  metrics: new Metrics(),
  clock,
  log,
})
const server = await createHttpServer({
  tlsCert: null,
  tlsKey: null,
  limits: {
    ...defaultHttpLimits,
    maxConnections: Math.max(defaultHttpLimits.maxConnections, task.clients * CONNECTIONS_PER_CLIENT + 100),
    ...(task.behindProxy ? { maxConnectionsPerAddress: 0 } : {}),
  },
  listener: (req, res) => {
    if (!door(req, res)) res.writeHead(404, { 'Content-Length': 0 }).end()
  },
  onRefused: (why) => log.warn({ why }, 'connection refused'),
})
const port = await listen(server, 0, '127.0.0.1')
disposer.add(() => closeHttpServer(server))

let isReady = false
function ready(): void {
  if (isReady || port === undefined) return
  isReady = true
  tell({ kind: 'ready', port, path: `/hls/${id}/index.m3u8?player=1`, ffmpegPid: feed.pid ?? 0 })
}

/** Who does not listen any more is about to end us. */
function tell(message: FromOrigin): void {
  if (process.connected) process.send?.(message, () => {})
}

// The parent may have gone while all this was made.
if (!process.connected) await disposer.close()
