/** In charge of one raw TURN client over UDP: says exactly which error code a server answers with. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import {
  attributes,
  buildRequest,
  methods,
  parseAnswer,
  type StunAnswer,
  type StunCredentials,
  xorAddress,
} from './stun.ts'

/** How often and how long, in milliseconds, a request is repeated. RFC 8489 section 6.2.1 begins at 500; we are local. */
const repeatEvery = 200
const giveUpAfter = 15_000

/** UDP as TURN's REQUESTED-TRANSPORT names it: the protocol number of IP. */
export const transports = { udp: 17, tcp: 6 } as const

/** A socket toward one TURN server; at most one allocation. Errors come back as codes, silence as a rejection. */
export class TurnClient implements AsyncDisposable {
  readonly #socket: Socket
  #credentials: StunCredentials | undefined

  static async create(port: number, address = '127.0.0.1'): Promise<TurnClient> {
    const socket = createSocket('udp4')
    socket.connect(port, address)
    await once(socket, 'connect')
    return new TurnClient(socket)
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    // A server that does not listen yet answers with ICMP; the request is repeated anyway.
    socket.on('error', () => {})
  }

  /** Asks for our own address; the plainest sign that the server answers. */
  binding(): Promise<StunAnswer> {
    return this.#request(methods.binding, [])
  }

  /** Asks for a relayed address; undefined when it was given, else the error code. */
  async allocate(username: string, password: string, transport: number = transports.udp): Promise<number | undefined> {
    const wanted: [number, Buffer] = [attributes.requestedTransport, Buffer.from([transport, 0, 0, 0])]
    const first = await this.#request(methods.allocate, [wanted])
    const [realm, nonce] = [first.attributes.get(attributes.realm), first.attributes.get(attributes.nonce)]
    if (first.error !== 401 || !realm || !nonce) return first.error
    this.#credentials = { username, password, realm: realm.toString(), nonce: Buffer.from(nonce) }
    return (await this.#request(methods.allocate, [wanted], this.#credentials)).error
  }

  /** Asks to exchange data with a peer (an IPv4 address); undefined when it may, else the error code. */
  async permit(peer: string): Promise<number | undefined> {
    const list: [number, Buffer][] = [[attributes.xorPeerAddress, xorAddress(peer, 0)]]
    return (await this.#request(methods.createPermission, list, this.#credentials)).error
  }

  /** Keeps the allocation, or with 0 gives it back; `lifetime` in seconds. */
  async refresh(lifetime: number): Promise<number | undefined> {
    const value = Buffer.alloc(4)
    value.writeUInt32BE(lifetime)
    return (await this.#request(methods.refresh, [[attributes.lifetime, value]], this.#credentials)).error
  }

  close(): void {
    this.#socket.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  #request(method: number, list: [number, Buffer][], credentials?: StunCredentials): Promise<StunAnswer> {
    const { bytes, transaction } = buildRequest(method, list, credentials)
    return new Promise((done, fail) => {
      const end = () => {
        clearInterval(again)
        clearTimeout(late)
        this.#socket.off('message', onMessage)
      }
      const onMessage = (message: Buffer) => {
        const answer = parseAnswer(message)
        if (answer?.transaction !== transaction) return
        end()
        done(answer)
      }
      const again = setInterval(() => this.#socket.send(bytes), repeatEvery)
      const late = setTimeout(() => {
        end()
        fail(new Error(`no STUN answer within ${giveUpAfter} ms`))
      }, giveUpAfter)
      this.#socket.on('message', onMessage)
      this.#socket.send(bytes)
    })
  }
}
