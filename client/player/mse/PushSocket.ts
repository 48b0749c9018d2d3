/** In charge of one connection to the push: frames in, parsed; what is none ends it. */
import * as v from 'valibot'
import { type ErrorCode, isErrorCode } from '../../../shared/errors.ts'
import { MSE_HEADER_BYTES, type MseInit, mseInitSchema, mseKinds } from '../../../shared/mse.ts'
import type { CancelTimer, Clock } from '../../lib/clock.ts'
import { Emitter } from '../../lib/Emitter.ts'

export interface PushedMedia {
  /** Id of the track. */
  readonly track: number
  readonly isInit: boolean
  readonly bytes: Uint8Array<ArrayBuffer>
}

export type PushSocketEvents = {
  init: [init: MseInit]
  media: [media: PushedMedia]
  /** Over; `code` when the server said why. */
  closed: [code: ErrorCode | null]
}

/** Milliseconds for a connection to come about: a network that swallows packets answers nothing. */
const OPEN_LIMIT_MS = 4_000

export class PushSocket extends Emitter<PushSocketEvents> {
  readonly #socket: WebSocket
  readonly #cancelDeadline: CancelTimer

  /** Connects at once; never throws. */
  static create(url: string, clock: Clock): PushSocket {
    return new PushSocket(new WebSocket(url), clock)
  }

  private constructor(socket: WebSocket, clock: Clock) {
    super()
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
    this.#cancelDeadline = clock.after(OPEN_LIMIT_MS, () => this.#end(null))
    socket.addEventListener('open', this.#cancelDeadline)
    socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => this.#take(data))
    socket.addEventListener('close', ({ reason }) => this.#end(isErrorCode(reason) ? reason : null))
  }

  /** No event follows. */
  close(): void {
    this.#cancelDeadline()
    this.removeAllListeners()
    this.#socket.close()
  }

  #take(data: unknown): void {
    if (typeof data === 'string') {
      const init = parseInit(data)
      if (init) this.emit('init', init)
      else this.#end('bad-message')
    } else if (data instanceof ArrayBuffer && data.byteLength > MSE_HEADER_BYTES) {
      const [track = 0, kind] = new Uint8Array(data, 0, MSE_HEADER_BYTES)
      this.emit('media', { track, isInit: kind === mseKinds.init, bytes: new Uint8Array(data, MSE_HEADER_BYTES) })
    }
  }

  #end(code: ErrorCode | null): void {
    this.#cancelDeadline()
    this.emit('closed', code)
    this.close()
  }
}

/** Null for what has not the form of this version. */
function parseInit(text: string): MseInit | null {
  try {
    const parsed = v.safeParse(mseInitSchema, JSON.parse(text))
    return parsed.success ? parsed.output : null
  } catch {
    return null
  }
}
