/** In charge of the question whether, and how, a browser reaches a real SFU: ICE and DTLS to a bare mediasoup worker. */
import { createWorker, type types } from 'mediasoup'
import { findFreePorts } from './freePorts.ts'
import { type AnyPage, callSource, evaluate } from './page.ts'

/** How a page was connected, as the worker saw it. */
export interface ProbeResult {
  protocol: 'udp' | 'tcp'
  /** Where the packets came from: the browser, a relay, or coturn. */
  remotePort: number
}

/** A worker with one WebRTC server, UDP and TCP on one port of each address, as the SFU has it. */
export class IceProbe implements AsyncDisposable {
  readonly port: number
  readonly #worker: types.Worker
  readonly #server: types.WebRtcServer
  readonly #router: types.Router

  /** Listens on these addresses of the machine. */
  static async create(addresses: string[] = ['127.0.0.1']): Promise<IceProbe> {
    const port = await findFreePorts()
    const worker = await createWorker({ logLevel: 'error' })
    const protocols = ['udp', 'tcp'] as const
    const listenInfos = addresses.flatMap((ip) => protocols.map((protocol) => ({ protocol, ip, port })))
    const server = await worker.createWebRtcServer({ listenInfos })
    return new IceProbe(port, worker, server, await worker.createRouter())
  }

  private constructor(port: number, worker: types.Worker, server: types.WebRtcServer, router: types.Router) {
    this.port = port
    this.#worker = worker
    this.#server = server
    this.#router = router
  }

  /** Connects a page; undefined when it is not connected within `deadline` (5000 ms). */
  async connect(page: AnyPage, configuration = {}, deadline = 5000): Promise<ProbeResult | undefined> {
    const transport = await this.#router.createWebRtcTransport({ webRtcServer: this.#server, enableSctp: true })
    try {
      const offer = await evaluate<string>(page, callSource(makeOffer, JSON.stringify(configuration)))
      const value = offer.match(/^a=fingerprint:sha-256 (\S+)/m)?.[1] ?? ''
      const remote = { role: 'client' as const, fingerprints: [{ algorithm: 'sha-256' as const, value }] }
      await transport.connect({ dtlsParameters: remote })
      const answer = JSON.stringify(makeAnswer(transport))
      const connected = await evaluate<boolean>(page, callSource(takeAnswer, answer, `${deadline}`))
      const tuple = transport.iceSelectedTuple
      return connected && tuple ? { protocol: tuple.protocol, remotePort: tuple.remotePort ?? 0 } : undefined
    } finally {
      transport.close()
      await evaluate(page, 'probe.close()')
    }
  }

  async close(): Promise<void> {
    if (this.#worker.closed) return
    const gone = new Promise<void>((done) => this.#worker.once('subprocessclose', done))
    this.#worker.close()
    await gone
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** An answer with a data channel and nothing else; RFC 8841 and RFC 8839. */
function makeAnswer({ iceParameters, iceCandidates, dtlsParameters }: types.WebRtcTransport): string {
  const fingerprint = dtlsParameters.fingerprints.find(({ algorithm }) => algorithm === 'sha-256')
  const candidates = iceCandidates.map((candidate) => {
    const { foundation, protocol, priority, address, port, type } = candidate
    const place = `${foundation} 1 ${protocol} ${priority} ${address} ${port} typ ${type}`
    return `a=candidate:${place}${protocol === 'tcp' ? ' tcptype passive' : ''}`
  })
  const session = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=ice-lite', 'a=group:BUNDLE 0']
  const media = ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0', 'a=mid:0', 'a=setup:passive']
  const ice = [`a=ice-ufrag:${iceParameters.usernameFragment}`, `a=ice-pwd:${iceParameters.password}`, ...candidates]
  const rest = ['a=end-of-candidates', `a=fingerprint:sha-256 ${fingerprint?.value}`, 'a=sctp-port:5000', '']
  return [...session, ...media, ...ice, ...rest].join('\r\n')
}

/** The connection that the page keeps between offer and answer. */
declare const probe: RTCPeerConnection

/** Runs in the page; refers to nothing outside itself. */
async function makeOffer(configuration: RTCConfiguration): Promise<string> {
  const connection = new RTCPeerConnection(configuration)
  Object.assign(globalThis, { probe: connection })
  connection.createDataChannel('probe')
  await connection.setLocalDescription()
  return connection.localDescription?.sdp ?? ''
}

/** Runs in the page; refers to nothing outside itself but the probe. Whether it got connected in time. */
async function takeAnswer(sdp: string, deadline: number): Promise<boolean> {
  await probe.setRemoteDescription({ type: 'answer', sdp })
  return new Promise((done) => {
    const timer = setTimeout(() => done(false), deadline)
    const look = () => {
      if (probe.connectionState !== 'connected' && probe.connectionState !== 'failed') return
      clearTimeout(timer)
      done(probe.connectionState === 'connected')
    }
    probe.addEventListener('connectionstatechange', look)
    look()
  })
}
