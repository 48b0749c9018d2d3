/** In charge of a bad network between browsers and one UDP port of the SFU. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { ImpairedLink, type Impairment, seededRandom } from './impairment.ts'
import { callSource } from './page.ts'

/** Clients at once; more are a fault of the test. */
const mostClients = 64

/** Packets on their way at once, some seconds of video; later ones are dropped. */
const mostPackets = 10_000

/** Packets seen from clients and toward them, and how many of each were handed on. */
export interface RelayCounts {
  up: { seen: number; sent: number }
  down: { seen: number; sent: number }
}

/** A relay on loopback. Each client gets a socket of its own toward the SFU, as behind a NAT. */
export class UdpRelay implements AsyncDisposable {
  readonly port: number
  readonly counts: RelayCounts = { up: { seen: 0, sent: 0 }, down: { seen: 0, sent: 0 } }
  readonly #front: Socket
  readonly #target: number
  readonly #links: { up: ImpairedLink; down: ImpairedLink }
  readonly #clients = new Map<string, Socket>()
  /** Packets on their way, soonest first; of the same moment in the order they were sent. */
  readonly #underway: { arrival: number; send: () => void }[] = []
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** Relays between clients and `target`, a UDP port on 127.0.0.1. The same seed makes the same losses. */
  static async create(target: number, seed = 1): Promise<UdpRelay> {
    const front = createSocket('udp4')
    front.bind(0, '127.0.0.1')
    await once(front, 'listening')
    return new UdpRelay(front, target, seed)
  }

  private constructor(front: Socket, target: number, seed: number) {
    this.#front = front
    this.#target = target
    this.port = front.address().port
    this.#links = { up: new ImpairedLink(seededRandom(seed)), down: new ImpairedLink(seededRandom(seed + 1)) }
    front.on('message', (bytes, from) => this.#fromClient(bytes, from))
  }

  /** Impairs both directions, or one, from the next packet on; `{}` heals. */
  impair(impairment: Impairment, direction: 'both' | 'up' | 'down' = 'both'): void {
    if (direction !== 'down') this.#links.up.set(impairment)
    if (direction !== 'up') this.#links.down.set(impairment)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#timer)
    const sockets = [this.#front, ...this.#clients.values()]
    await Promise.all(sockets.map((socket) => new Promise<void>((done) => socket.close(done))))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Chromium sends to loopback from the addresses of its other interfaces: answers go where questions came from. */
  #fromClient(bytes: Buffer, from: RemoteInfo): void {
    const back = this.#clients.get(`${from.address}:${from.port}`) ?? this.#addClient(from)
    this.#carry('up', bytes, () => back.send(bytes, this.#target, '127.0.0.1'))
  }

  #addClient({ address, port }: RemoteInfo): Socket {
    if (this.#clients.size >= mostClients) throw new Error(`more than ${mostClients} clients on one relay`)
    const back = createSocket('udp4')
    back.on('message', (bytes) => this.#carry('down', bytes, () => this.#front.send(bytes, port, address)))
    this.#clients.set(`${address}:${port}`, back)
    return back
  }

  #carry(direction: 'up' | 'down', bytes: Buffer, send: () => void): void {
    const counts = this.counts[direction]
    counts.seen++
    const now = performance.now()
    const arrival = this.#links[direction].send(bytes.length, now)
    if (arrival === undefined || this.#underway.length >= mostPackets) return
    counts.sent++
    const later = this.#underway.findLastIndex((packet) => packet.arrival <= arrival) + 1
    this.#underway.splice(later, 0, { arrival, send })
    this.#deliver()
  }

  /** Sends what is due and waits for the next. Node's timers have a grain of 1 ms: half of that early is due. */
  #deliver(): void {
    clearTimeout(this.#timer)
    const now = performance.now()
    for (let head = this.#underway[0]; head && head.arrival - now < 0.5; head = this.#underway[0]) {
      this.#underway.shift()
      head.send()
    }
    const [next] = this.#underway
    if (next && !this.#closed) this.#timer = setTimeout(() => this.#deliver(), next.arrival - now)
  }
}

/**
 * The source of an init script that leads a page's ICE through relays: UDP candidates at a port named in `routes` (SFU
 * port → relay port) move to 127.0.0.1 and the relay's port; TCP candidates at such a port are left out, or ICE would
 * go around the relay, unless the story wants that (`tcp`).
 */
export function routeIceThroughRelay(routes: Record<number, number>, { tcp = false } = {}): string {
  return callSource(rewriteCandidates, JSON.stringify(routes), `${tcp}`)
}

/** Runs in the page; refers to nothing outside itself. */
function rewriteCandidates(routes: Record<string, number>, tcp: boolean): void {
  /** The candidate as the page shall see it; null when it shall not. RFC 8839 section 5.1. */
  const rewrite = (candidate: string): string | null => {
    const fields = candidate.split(' ')
    const relay = routes[fields[5] ?? '']
    if (relay === undefined) return candidate
    if (fields[2]?.toLowerCase() !== 'udp') return tcp ? candidate : null
    fields[4] = '127.0.0.1'
    fields[5] = `${relay}`
    return fields.join(' ')
  }
  const connection = RTCPeerConnection.prototype
  // The overloads with callbacks are history: these are the ones with a promise.
  const setRemoteDescription: (description: RTCSessionDescriptionInit) => Promise<void> =
    connection.setRemoteDescription
  const addIceCandidate: (candidate?: RTCIceCandidateInit) => Promise<void> = connection.addIceCandidate
  connection.setRemoteDescription = function (description: RTCSessionDescriptionInit) {
    const lines = (description.sdp ?? '').split('\r\n')
    const rewritten = lines.flatMap((line) => (line.startsWith('a=candidate:') ? (rewrite(line) ?? []) : line))
    // The SFU announces several addresses, all of which lead to the same relay now: once is enough. The priority and
    // the foundation, which differ, are left as those of the first.
    const seen = new Set<string>()
    const sdp = rewritten.filter((line) => {
      if (line.startsWith('m=')) seen.clear()
      const place = line.startsWith('a=candidate:') ? line.split(' ').slice(4, 6).join(' ') : undefined
      if (place === undefined || !Object.values(routes).some((port) => place === `127.0.0.1 ${port}`)) return true
      return !seen.has(place) && seen.add(place)
    })
    return setRemoteDescription.call(this, { type: description.type, sdp: sdp.join('\r\n') })
  }
  connection.addIceCandidate = function (candidate?: RTCIceCandidateInit | null) {
    if (!candidate?.candidate) return addIceCandidate.call(this)
    const text = rewrite(candidate.candidate)
    if (text === null) return Promise.resolve()
    return addIceCandidate.call(this, {
      candidate: text,
      sdpMid: candidate.sdpMid ?? null,
      sdpMLineIndex: candidate.sdpMLineIndex ?? null,
    })
  }
}
