/**
 * In charge of one keep-alive connection of a client of the capacity bench: one request after the other, each answer
 * read to its last byte and kept only when somebody wants it. Bare sockets, since the generator must be far cheaper
 * than what it measures.
 */
import { connect, type Socket } from 'node:net'

export interface Reply {
  readonly status: number
  /** Status line and headers. */
  readonly head: string
  /** Null when nobody wanted it. */
  readonly body: Buffer | null
}

export interface ConnectionOptions {
  readonly host: string
  readonly port: number
  /** Address of this machine that the connection comes from. */
  readonly from: string
  /** The connection is of no use any more; called once, and not after `close`. */
  onBroken(why: string): void
}

interface Pending {
  wants(head: string): boolean
  done(reply: Reply): void
}

/** Every socket reads into this one: what was read is used before the next one reads. */
const SHARED = Buffer.allocUnsafe(64 * 1024)

export class HttpConnection {
  readonly #socket: Socket
  readonly #onBroken: (why: string) => void
  readonly #headers: string
  #pending: Pending | null = null
  /** Bytes of an unfinished head. */
  #early = ''
  #head = ''
  #missing = 0
  #kept: Buffer[] | null = null
  #closed = false

  constructor({ host, port, from, onBroken }: ConnectionOptions) {
    this.#onBroken = onBroken
    this.#headers = ` HTTP/1.1\r\nHost: ${host}:${port}\r\nAccept-Encoding: gzip\r\nAccept: */*\r\n\r\n`
    this.#socket = connect({
      host,
      port,
      localAddress: from,
      noDelay: true,
      onread: {
        buffer: SHARED,
        callback: (bytes, buffer) => {
          this.#read(buffer as Buffer, bytes)
          return true
        },
      },
    })
    this.#socket.on('error', (error) => this.#break(error.message))
    this.#socket.on('close', () => this.#break('closed by the server'))
  }

  get busy(): boolean {
    return this.#pending !== null
  }

  /** Asks for a path. `wants` is asked with the head whether the body is to be kept. One request at a time. */
  get(path: string, wants: (head: string) => boolean, done: (reply: Reply) => void): void {
    if (this.#closed) return
    if (this.#pending) throw new Error('a request is under way')
    this.#pending = { wants, done }
    this.#socket.write(`GET ${path}${this.#headers}`, 'latin1')
  }

  close(): void {
    this.#closed = true
    this.#pending = null
    this.#socket.destroy()
  }

  #break(why: string): void {
    if (this.#closed) return
    this.close()
    this.#onBroken(why)
  }

  #read(buffer: Buffer, end: number): void {
    const pending = this.#pending
    if (!pending) {
      this.#break('bytes that nobody asked for')
      return
    }
    let start = 0
    if (this.#head === '') {
      start = this.#readHead(buffer, end, pending)
      if (this.#head === '' || this.#closed) return
    }
    const size = end - start
    if (size > this.#missing) {
      this.#break('more bytes than were announced')
      return
    }
    this.#missing -= size
    // What is kept is copied: the next socket reads into the same memory.
    if (this.#kept && size > 0) this.#kept.push(Buffer.from(buffer.subarray(start, end)))
    if (this.#missing > 0) return
    const reply = {
      status: Number(this.#head.slice(9, 12)),
      head: this.#head,
      body: this.#kept && Buffer.concat(this.#kept),
    }
    this.#pending = null
    this.#head = ''
    this.#kept = null
    pending.done(reply)
  }

  /** Returns where the body begins. */
  #readHead(buffer: Buffer, end: number, pending: Pending): number {
    const at = buffer.indexOf('\r\n\r\n', 0, 'latin1')
    if (this.#early !== '' || at < 0 || at >= end) return this.#readSplitHead(buffer, end, pending)
    return this.#begin(buffer.toString('latin1', 0, at), at + 4, pending)
  }

  /** Heads that come in two pieces are rare, and may cost more. */
  #readSplitHead(buffer: Buffer, end: number, pending: Pending): number {
    const before = this.#early.length
    const text = this.#early + buffer.toString('latin1', 0, end)
    const at = text.indexOf('\r\n\r\n')
    this.#early = at < 0 ? text : ''
    return at < 0 ? end : this.#begin(text.slice(0, at), at + 4 - before, pending)
  }

  #begin(head: string, bodyAt: number, pending: Pending): number {
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    if (length === undefined) this.#break('an answer without a length')
    this.#head = head
    this.#missing = Number(length)
    this.#kept = pending.wants(head) ? [] : null
    return bodyAt
  }
}
