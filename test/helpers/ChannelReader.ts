/** In charge of the browser's end of a viewer's data channel, without a browser: ICE, DTLS and SCTP of a real client. */
import nodeDataChannel, { type DataChannel, type PeerConnection } from 'node-datachannel'
import type { ChatEvent } from '../../shared/chat.ts'
import type { TransportOptions } from '../../shared/rtp.ts'
import type { ChannelOptions } from '../../shared/signaling.ts'
import type { RawClient, RawReply } from './rawClient.ts'

export class ChannelReader implements AsyncDisposable {
  readonly transportId: string
  /** What came by the channel, in order. */
  readonly events: ChatEvent[] = []
  readonly #connection: PeerConnection
  readonly #channel: DataChannel

  /** Makes a transport and its channel for a viewer who has joined; resolves when the channel is open at both ends. */
  static async open(viewer: RawClient): Promise<ChannelReader> {
    const transport = answerIn<TransportOptions>(await viewer.request('watch:transport:create'))
    const transportId = transport.id
    const channel = answerIn<ChannelOptions>(await viewer.request('watch:channel:create', { transportId }))
    const connection = new nodeDataChannel.PeerConnection('reader', { iceServers: [], disableAutoNegotiation: true })
    const { streamId } = channel.sctpStreamParameters
    const data = connection.createDataChannel('together', { negotiated: true, id: streamId })
    const reader = new ChannelReader(transportId, connection, data)
    const opened = new Promise<void>((resolve) => data.onOpen(resolve))
    const dtlsParameters = { role: 'client', fingerprints: [await fingerprintOf(connection)] }
    answerIn(await viewer.request('watch:transport:connect', { transportId, dtlsParameters }))
    connection.setRemoteDescription(answerOf(transport), 'answer')
    await opened
    answerIn(await viewer.request('watch:channel:open', { channelId: channel.id }))
    return reader
  }

  private constructor(transportId: string, connection: PeerConnection, channel: DataChannel) {
    this.transportId = transportId
    this.#connection = connection
    this.#channel = channel
    channel.onMessage((message) => this.events.push(JSON.parse(String(message)) as ChatEvent))
  }

  /** Sends what no viewer is to send. */
  send(text: string): void {
    this.#channel.sendMessage(text)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.close()
  }
}

function answerIn<T>(reply: RawReply): T {
  if (!reply.ok) throw new Error(`refused: ${reply.error?.code} ${reply.error?.message}`)
  return reply.value as T
}

async function fingerprintOf(connection: PeerConnection): Promise<{ algorithm: string; value: string }> {
  const gathered = new Promise<void>((resolve) => {
    connection.onGatheringStateChange((state) => state === 'complete' && resolve())
  })
  connection.setLocalDescription('offer')
  await gathered
  const [, algorithm = '', value = ''] =
    /a=fingerprint:(\S+) (\S+)/.exec(connection.localDescription()?.sdp ?? '') ?? []
  return { algorithm, value }
}

/** An answer with a data channel and nothing else; RFC 8841 and RFC 8839. */
function answerOf({ iceParameters, iceCandidates, dtlsParameters, sctpParameters }: TransportOptions): string {
  const fingerprint = dtlsParameters.fingerprints.find(({ algorithm }) => algorithm === 'sha-256')
  const candidates = iceCandidates
    .filter(({ protocol }) => protocol === 'udp')
    .map((one) => `a=candidate:${one.foundation} 1 udp ${one.priority} ${one.address} ${one.port} typ ${one.type}`)
  return [
    ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=ice-lite', 'a=group:BUNDLE 0'],
    ...['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0', 'a=mid:0', 'a=setup:passive'],
    ...[`a=ice-ufrag:${iceParameters.usernameFragment}`, `a=ice-pwd:${iceParameters.password}`, ...candidates],
    ...['a=end-of-candidates', `a=fingerprint:sha-256 ${fingerprint?.value}`],
    ...[`a=sctp-port:${sctpParameters?.port}`, `a=max-message-size:${sctpParameters?.maxReceiveMessageSize}`, ''],
  ].join('\r\n')
}
