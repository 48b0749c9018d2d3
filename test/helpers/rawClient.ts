/** In charge of a signaling client that may send anything: socket.io without our typed client's good manners. */
import { io, type Socket } from 'socket.io-client'
import type { ErrorBody } from '../../shared/errors.ts'
import { PROTOCOL_VERSION } from '../../shared/protocol.ts'

export interface RawReply {
  ok: boolean
  value?: Record<string, unknown>
  error?: ErrorBody
}

export class RawClient implements AsyncDisposable {
  readonly socket: Socket
  /** Notices received, in order. */
  readonly notices: { name: string; payload: unknown }[] = []

  /** Resolves when connected; rejects with the refusal's code as message. */
  static async connect(url: string, auth: object, origin?: string): Promise<RawClient> {
    const extraHeaders = origin === undefined ? {} : { Origin: origin }
    const socket = io(url, { auth, forceNew: true, reconnection: false, transports: ['websocket'], extraHeaders })
    const client = new RawClient(socket)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('connect_error', (error: Error & { data?: ErrorBody }) => {
        socket.close()
        reject(new Error(error.data?.code ?? error.message))
      })
    })
    return client
  }

  private constructor(socket: Socket) {
    this.socket = socket
    socket.onAny((name: string, payload: unknown) => this.notices.push({ name, payload }))
  }

  request(name: string, params: unknown = {}): Promise<RawReply> {
    return this.socket.timeout(5000).emitWithAck(name, params)
  }

  /** Resolves with the reason once the socket is disconnected. */
  get disconnected(): Promise<string> {
    return new Promise((resolve) => this.socket.once('disconnect', resolve))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.disconnect()
  }
}

export function viewerAuth(broadcastId: string, session?: string): object {
  return { version: PROTOCOL_VERSION, role: 'viewer', broadcastId, ...(session === undefined ? {} : { session }) }
}

export function broadcasterAuth({ id, publishKey }: { id: string; publishKey: string }): object {
  return { version: PROTOCOL_VERSION, role: 'broadcaster', broadcastId: id, publishKey }
}
