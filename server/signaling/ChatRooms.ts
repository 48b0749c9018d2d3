/** In charge of chat over sockets: who reads the chat of a broadcast is in its room, for which an event is encoded once. */
import type { DefaultEventsMap, Server } from 'socket.io'
import type { ClientEvents, ServerEvents } from '../../shared/signaling.ts'
import type { Broadcast } from '../broadcast/Broadcast.ts'
import type { Admission, ServerSocket } from './Session.ts'

interface Room {
  readonly sockets: Set<ServerSocket>
  forget(): void
}

export class ChatRooms {
  readonly #io: Pick<Server<ClientEvents, ServerEvents, DefaultEventsMap, Admission>, 'to'>
  readonly #rooms = new Map<Broadcast, Room>()

  constructor(io: Pick<Server<ClientEvents, ServerEvents, DefaultEventsMap, Admission>, 'to'>) {
    this.#io = io
  }

  /** The socket gets every event from now on. Entering twice is entering once. */
  enter(broadcast: Broadcast, socket: ServerSocket): void {
    const room = this.#rooms.get(broadcast) ?? this.#open(broadcast)
    room.sockets.add(socket)
    void socket.join(nameOf(broadcast))
  }

  /** Harmless for who is not in it. */
  leave(broadcast: Broadcast, socket: ServerSocket): void {
    const room = this.#rooms.get(broadcast)
    if (!room?.sockets.delete(socket)) return
    void socket.leave(nameOf(broadcast))
    if (room.sockets.size > 0) return
    room.forget()
    this.#rooms.delete(broadcast)
  }

  #open(broadcast: Broadcast): Room {
    const name = nameOf(broadcast)
    const forget = broadcast.chat.on('event', (event) => this.#io.to(name).emit('chat', event))
    const room = { sockets: new Set<ServerSocket>(), forget }
    this.#rooms.set(broadcast, room)
    return room
  }
}

/** socket.io has a room for each socket's id, too, which has no colon in it. */
function nameOf({ id }: Broadcast): string {
  return `chat:${id}`
}
