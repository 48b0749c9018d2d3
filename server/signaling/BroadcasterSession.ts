/** What a broadcaster may do over its socket. Media outlives the socket: RTP, not signaling, decides what is live. */
import { NearcastError } from '../../shared/errors.ts'
import type { TransportOptions } from '../../shared/rtp.ts'
import { broadcasterRequests } from '../../shared/signaling.ts'
import type { Broadcast } from '../broadcast/Broadcast.ts'
import type { BrowserSource } from '../ingest/BrowserSource.ts'
import { Probes } from '../ingest/Probes.ts'
import type { SfuRouter } from '../sfu/SfuRouter.ts'
import type { ChatRooms } from './ChatRooms.ts'
import { broadcasterChat } from './chatHandlers.ts'
import type { Handlers } from './handle.ts'
import type { IceServers } from './iceServers.ts'
import { lastWords } from './lastWords.ts'
import type { Session } from './Session.ts'
import { transportOptions } from './transportOptions.ts'

export interface BroadcasterDoor {
  readonly iceServers: IceServers
  /** Milliseconds that a broadcast waits for a source that is gone. */
  readonly gracePeriod: number
  readonly rooms: ChatRooms
}

/** Serves the socket until it disconnects. */
export function serveBroadcaster(session: Session, broadcast: Broadcast, door: BroadcasterDoor): void {
  const { socket } = session
  const { iceServers, gracePeriod, rooms } = door
  const probes = new Probes(session.clock)
  let source: BrowserSource | null = null
  let router: SfuRouter | null = null
  let detach: (() => void) | undefined
  const own = (): BrowserSource => {
    if (source === null) throw new NearcastError('wrong-state', 'Join first.')
    // Its worker died: the client is told to join again, and should not give up because it asked a moment too early.
    if (source.isClosed) throw new NearcastError('sfu-unavailable')
    return source
  }

  const forget = [
    broadcast.on('changed', (view) => socket.emit('broadcast', view)),
    broadcast.on('transport-closed', (transportId) => socket.emit('transport:closed', { transportId })),
    broadcast.on('sfu-replaced', () => socket.emit('sfu:replaced', {})),
    broadcast.once('closed', (reason) => session.end(lastWords(reason))),
  ]
  socket.once('disconnect', (reason) => {
    session.log.info({ reason }, 'broadcaster disconnected')
    for (const step of forget) step()
    probes.close()
    // The page says goodbye when it is closed or reloaded: what it sent will not go on.
    if (reason === 'client namespace disconnect') source?.close('broadcaster left')
    detach?.()
  })

  const handlers: Handlers<keyof typeof broadcasterRequests> = {
    'publish:join': async ({ transportId }) => {
      detach ??= broadcast.attachPublisher()
      if (!socket.connected) detach()
      const before = source
      source = null
      const opened = await broadcast.openSource(transportId)
      source = opened.source
      router = opened.router
      // Whoever shows the key last publishes: a reloaded page must not wait for its own dead socket.
      if (opened.source !== before) {
        opened.source.once('closed', (reason) => {
          if (reason === 'replaced' && source === opened.source) session.end('already-publishing')
        })
      }
      session.joined()
      return {
        broadcast: broadcast.view,
        rtpCapabilities: opened.router.publisherCapabilities,
        iceServers: iceServers(socket.id),
        resumed: opened.resumed,
        gracePeriod,
      }
    },
    'publish:transport:create': async (): Promise<TransportOptions> =>
      transportOptions(await own().createTransport(), iceServers(socket.id)),
    'publish:transport:connect': async ({ transportId, dtlsParameters }) => {
      await own().connectTransport(transportId, dtlsParameters)
      return null
    },
    'publish:transport:restart-ice': async ({ transportId }) => ({
      iceParameters: await own().restartIce(transportId),
      iceServers: iceServers(socket.id),
    }),
    'publish:produce': async ({ transportId, source: from, rtpParameters }) => ({
      producerId: await own().produce(transportId, from, rtpParameters),
    }),
    'publish:producer:close': ({ producerId }) => {
      own().closeProducer(producerId)
      return null
    },
    'publish:probe:create': async (): Promise<TransportOptions> => {
      if (router === null) throw new NearcastError('wrong-state', 'Join first.')
      if (router.isClosed) throw new NearcastError('sfu-unavailable')
      return transportOptions(await probes.create(router), iceServers(socket.id))
    },
    'publish:probe:connect': async ({ transportId, dtlsParameters }) => {
      await probes.connect(transportId, dtlsParameters)
      return null
    },
    'publish:probe:close': ({ transportId }) => {
      probes.drop(transportId)
      return null
    },
    'publish:status': (status) => {
      broadcast.setStatus(status)
      return null
    },
    'publish:end': async () => {
      await broadcast.end()
      return null
    },
    ...broadcasterChat({ session, broadcast, rooms }, () => detach !== undefined),
    'ice-servers': () => ({ iceServers: iceServers(socket.id) }),
    clock: () => ({ now: session.now() }),
  }
  session.serve({ schemas: broadcasterRequests, handlers })
}
