/** In charge of the one transport to the server at a time: opens it with everything on it, takes it up again, lets it go. */
import { NearcastError } from '../../shared/errors.ts'
import type { IceServer, RtpCapabilities } from '../../shared/rtp.ts'
import { Emitter } from '../lib/Emitter.ts'
import type { SendTransport, Tracks } from './SendTransport.ts'

/** What is needed of a transport; a test that has no browser brings another. */
export type Sender = Pick<
  SendTransport,
  'id' | 'isUsable' | 'send' | 'mend' | 'revive' | 'updateIceServers' | 'getStats' | 'close' | 'on'
>

type Events = {
  /** Whether anything gets through changed. */
  path: [isThere: boolean]
  /** Nothing can be sent over the transport any more: there is no path. */
  lost: []
}

export class SenderSlot extends Emitter<Events> {
  readonly #open: (rtpCapabilities: RtpCapabilities) => Promise<Sender>
  #sender: Sender | null = null
  #isClosed = false

  constructor(open: (rtpCapabilities: RtpCapabilities) => Promise<Sender>) {
    super()
    this.#open = open
  }

  /** The transport there is, usable or not. */
  get sender(): Sender | null {
    return this.#sender
  }

  get isUsable(): boolean {
    return this.#sender?.isUsable ?? false
  }

  /** A new transport with everything on it; the one before is closed first. One that is incomplete is not kept. */
  async fill(rtpCapabilities: RtpCapabilities, tracks: () => Tracks): Promise<void> {
    this.empty()
    const sender = await this.#open(rtpCapabilities)
    if (this.#isClosed) {
      sender.close()
      return
    }
    this.#sender = sender
    sender.on('lost', () => this.emit('lost'))
    sender.on('path', (isThere) => this.emit('path', isThere))
    try {
      await sender.send(tracks())
    } catch (error) {
      if (this.#sender === sender) this.empty()
      throw error
    }
  }

  /** Goes on with a transport that both ends still have. False when that fails and another one is needed. */
  async resume(alive: Sender, iceServers: IceServer[], tracks: () => Tracks): Promise<boolean> {
    try {
      await alive.updateIceServers(iceServers)
      alive.mend()
      // What was chosen while there was no connection, and what broke off with it.
      await alive.send(tracks())
    } catch (error) {
      // The connection broke again; media goes on meanwhile.
      if (error instanceof NearcastError && error.code === 'internal') throw error
      return false
    }
    return this.#sender === alive
  }

  empty(): void {
    this.#sender?.close()
    this.#sender = null
  }

  /** A transport that is being opened is closed as soon as it is there. */
  close(): void {
    this.#isClosed = true
    this.empty()
    this.removeAllListeners()
  }
}
