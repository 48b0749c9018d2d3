/** What people may do in a chat over their socket, and by which way they read it: the data channel or the socket. */
import { NearcastError } from '../../shared/errors.ts'
import type { BroadcasterRequest, ViewerRequest } from '../../shared/signaling.ts'
import type { Broadcast } from '../broadcast/Broadcast.ts'
import type { ChatAuthor } from '../chat/ChatAuthor.ts'
import type { Viewer } from '../delivery/Viewer.ts'
import type { ChatRooms } from './ChatRooms.ts'
import type { Handlers } from './handle.ts'
import type { Session } from './Session.ts'

interface ChatSession {
  readonly session: Session
  readonly broadcast: Broadcast
  readonly rooms: ChatRooms
}

type ViewerChat = Extract<ViewerRequest, `chat:${string}` | `watch:channel:${string}`>
type BroadcasterChat = Extract<BroadcasterRequest, `chat:${string}`>

/** @param own throws while the viewer has not joined */
export function viewerChat({ session, broadcast, rooms }: ChatSession, own: () => Viewer): Handlers<ViewerChat> {
  const { socket, address } = session
  const { chat } = broadcast
  const authorOf = (viewer: Viewer): ChatAuthor => ({ session: viewer.session, address, isBroadcaster: false })
  let isReading = false

  const read = (viewer: Viewer): void => {
    isReading = true
    const author = authorOf(viewer)
    let wasBlocked = chat.isBlocked(author)
    if (!viewer.channels.hasOpen) rooms.enter(broadcast, socket)
    const forget = [
      chat.on('blocks', () => {
        const blocked = chat.isBlocked(author)
        if (blocked !== wasBlocked) socket.emit('chat:blocked', { blocked })
        wasBlocked = blocked
      }),
      viewer.channels.on('changed', (isOpen) => {
        if (isOpen) return rooms.leave(broadcast, socket)
        rooms.enter(broadcast, socket)
        // Nobody knows what the channel still delivered: the last event once more shows a gap where there is one.
        if (chat.latest !== null) socket.emit('chat', chat.latest)
      }),
    ]
    socket.once('disconnect', () => {
      for (const step of forget) step()
      rooms.leave(broadcast, socket)
    })
  }

  return {
    'watch:channel:create': ({ transportId }) => own().createChannel(transportId),
    'watch:channel:open': ({ channelId }) => {
      own().channels.open(channelId)
      return null
    },
    'chat:read': (params) => {
      const viewer = own()
      if (!isReading) read(viewer)
      return chat.read(authorOf(viewer), params)
    },
    'chat:send': (message) => chat.say(authorOf(own()), message),
    'chat:react': (tap) => {
      chat.react(authorOf(own()), tap)
      return null
    },
  }
}

/** @param isJoined whether the broadcaster may do anything yet */
export function broadcasterChat(
  { session, broadcast, rooms }: ChatSession,
  isJoined: () => boolean,
): Handlers<BroadcasterChat> {
  const { socket, address } = session
  const author: ChatAuthor = { session: 'broadcaster', address, isBroadcaster: true }
  const own = () => {
    if (!isJoined()) throw new NearcastError('wrong-state', 'Join first.')
    return broadcast.chat
  }
  socket.once('disconnect', () => rooms.leave(broadcast, socket))

  return {
    'chat:read': (params) => {
      const chat = own()
      rooms.enter(broadcast, socket)
      return chat.read(author, params)
    },
    'chat:say': (message) => own().say(author, message),
    'chat:delete': ({ number }) => {
      own().delete(number)
      return null
    },
    'chat:block': ({ number }) => own().block(number),
    'chat:unblock': ({ who }) => {
      own().unblock(who)
      return null
    },
    'chat:configure': (rules) => {
      own().configure(rules)
      return null
    },
  }
}
