/** What a viewer may do over its socket. The seat outlives a dropped socket by a few seconds. */
import { NearcastError } from '../../shared/errors.ts'
import { type SeatWishes, viewerRequests } from '../../shared/signaling.ts'
import type { Broadcast } from '../broadcast/Broadcast.ts'
import type { Viewer } from '../delivery/Viewer.ts'
import type { ChatRooms } from './ChatRooms.ts'
import { viewerChat } from './chatHandlers.ts'
import type { Handlers } from './handle.ts'
import type { IceServers } from './iceServers.ts'
import { lastWords } from './lastWords.ts'
import type { Session } from './Session.ts'
import { transportOptions } from './transportOptions.ts'

/** Serves the socket until it disconnects. `seat` is the session of a seat taken earlier, if the client named one. */
export function serveViewer(
  session: Session,
  broadcast: Broadcast,
  iceServers: IceServers,
  rooms: ChatRooms,
  seat: string | undefined,
): void {
  const { socket } = session
  const forget = [broadcast.once('closed', (reason) => session.end(lastWords(reason)))]
  let viewer: Viewer | null = null
  let release: ((left: boolean) => void) | undefined
  const own = (): Viewer => {
    if (viewer === null || viewer.isClosed) throw new NearcastError('wrong-state', 'Join first.')
    return viewer
  }

  const join = (wants: SeatWishes | undefined): Viewer => {
    if (viewer !== null) return own()
    const taken = broadcast.audience.join(seat, wants)
    const joined = taken.viewer
    viewer = joined
    release = taken.release
    session.joined()
    forget.push(
      broadcast.on('changed', (view) => socket.emit('broadcast', view)),
      broadcast.on('producers', () => socket.emit('producers', producers(broadcast))),
      broadcast.on('sfu-replaced', () => socket.emit('sfu:replaced', {})),
      joined.on('seats', (seats) => socket.emit('seats', seats)),
      joined.on('consumer-closed', (consumerId) => socket.emit('consumer:closed', { consumerId })),
      broadcast.audience.inStep.on('agreed', (delay) => {
        if (broadcast.audience.inStep.has(joined)) socket.emit('sync', { delay })
      }),
      joined.on('transport-closed', (transportId) => socket.emit('transport:closed', { transportId })),
    )
    return joined
  }

  socket.once('disconnect', (reason) => {
    session.log.debug({ reason }, 'viewer disconnected')
    for (const step of forget) step()
    release?.(reason === 'client namespace disconnect')
  })

  const handlers: Handlers<keyof typeof viewerRequests> = {
    'watch:join': ({ wants }) => {
      const { session: own, pushToken, seats } = join(wants)
      return {
        session: own,
        broadcast: broadcast.view,
        ...producers(broadcast),
        iceServers: iceServers(socket.id),
        seats,
        hls: `/hls/${broadcast.id}/index.m3u8?player=1`,
        mse: `/mse/${broadcast.id}?viewer=${pushToken}`,
      }
    },
    'watch:transport:create': async () => transportOptions(await own().createTransport(), iceServers(socket.id)),
    'watch:transport:connect': async ({ transportId, dtlsParameters }) => {
      await own().connectTransport(transportId, dtlsParameters)
      return null
    },
    'watch:transport:restart-ice': async ({ transportId }) => ({
      iceParameters: await own().restartIce(transportId),
      iceServers: iceServers(socket.id),
    }),
    'watch:transport:close': ({ transportId }) => {
      own().closeTransport(transportId)
      return null
    },
    'watch:consume': ({ transportId, rtpCapabilities }) => own().consume(transportId, rtpCapabilities),
    'watch:consumer:resume': async ({ consumerId }) => {
      await own().resume(consumerId)
      return null
    },
    'watch:consumer:layer': async ({ consumerId, layer }) => {
      await own().preferLayer(consumerId, layer)
      return null
    },
    'watch:report': ({ transport, wants }) => {
      own().report(transport)
      if (wants) broadcast.audience.seats.want(own(), wants)
      return null
    },
    'watch:sync': ({ least }) => ({ delay: broadcast.audience.keepInStep(own(), least) }),
    ...viewerChat({ session, broadcast, rooms }, own),
    'ice-servers': () => ({ iceServers: iceServers(socket.id) }),
    clock: () => ({ now: session.now() }),
  }
  session.serve({ schemas: viewerRequests, handlers })
}

function producers(broadcast: Broadcast) {
  return { producers: broadcast.producers, rtpCapabilities: broadcast.router?.viewerCapabilities ?? null }
}
