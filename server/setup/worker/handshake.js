/**
 * In charge of proving that a worker binary is usable: it runs as a child process on Node 24 with the path as its only
 * argument, and exits with 0 only after a real WebRTC client has done ICE, DTLS and SRTP with that worker, both ways.
 *
 * The crash that kernel TLS causes in a self-built worker shows only in the DTLS handshake, and a wrong libsrtp bridge
 * only in packets: a worker that merely starts proves nothing.
 */
import { createWorker } from 'mediasoup'
import nodeDataChannel from 'node-datachannel'
import { opusPacket, rtpAnswer } from './sdp.js'

const OPUS = { kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 111, clockRate: 48000, channels: 2 }
const SSRC = 1111
/** Time limit for the whole check in milliseconds; on an idle machine it takes 0.3 s. */
const LIMIT_MS = 15_000
/** One Opus packet lasts 20 ms. */
const PACKET_MS = 20

/** Rejects with the text when the worker dies, so that the report names the signal instead of a timeout. */
function death(worker) {
  return new Promise((_, reject) => {
    worker.on('died', (error) => reject(new Error(`the worker died during the handshake: ${error.message}`)))
  })
}

async function localOffer(connection) {
  const gathered = new Promise((resolve) => {
    connection.onGatheringStateChange((state) => state === 'complete' && resolve())
  })
  connection.setLocalDescription('offer')
  await gathered
  return connection.localDescription().sdp
}

/** Resolves when an RTP packet went client → worker → consumer → client, encrypted on both legs. */
async function roundTrip(worker, connection) {
  const router = await worker.createRouter({ mediaCodecs: [OPUS] })
  const transport = await router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] })
  const media = new nodeDataChannel.Audio('0', 'SendRecv')
  media.addOpusCodec(OPUS.preferredPayloadType)
  media.addSSRC(SSRC, 'check')
  const track = connection.addTrack(media)
  const offer = await localOffer(connection)
  const [, algorithm, value] = /a=fingerprint:(\S+) (\S+)/.exec(offer)

  await transport.connect({ dtlsParameters: { role: 'client', fingerprints: [{ algorithm, value }] } })
  const producer = await transport.produce({
    kind: 'audio',
    rtpParameters: {
      codecs: [{ mimeType: 'audio/opus', payloadType: OPUS.preferredPayloadType, clockRate: 48000, channels: 2 }],
      encodings: [{ ssrc: SSRC }],
      rtcp: { cname: 'check' },
    },
  })
  const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities: router.rtpCapabilities })
  const echoSsrc = consumer.rtpParameters.encodings[0].ssrc

  const echoed = new Promise((resolve) => {
    track.onMessage((packet) => packet.length >= 12 && packet.readUInt32BE(8) === echoSsrc && resolve())
  })
  connection.setRemoteDescription(rtpAnswer(transport, echoSsrc), 'answer')
  let sequence = 0
  const sender = setInterval(() => track.isOpen() && track.sendMessageBinary(opusPacket(SSRC, sequence++)), PACKET_MS)
  await echoed.finally(() => clearInterval(sender))
}

async function main(workerBin) {
  const worker = await createWorker({ workerBin, logLevel: 'error' })
  const connection = new nodeDataChannel.PeerConnection('check', { iceServers: [] })
  try {
    await Promise.race([roundTrip(worker, connection), death(worker)])
  } finally {
    connection.close()
    worker.close()
  }
}

setTimeout(() => {
  console.error(`no encrypted packet came back within ${LIMIT_MS / 1000} s`)
  process.exit(1)
}, LIMIT_MS).unref()

main(process.argv[2]).then(
  () => process.exit(0),
  (error) => {
    console.error(error.message)
    process.exit(1)
  },
)
