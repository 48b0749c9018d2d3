/** In charge of a call of a page with itself, the plainest thing the test bench can be tried on. */
import { type AnyPage, callSource, evaluate } from './page.ts'

/** What is sent, and how poorly. */
export interface LoopbackOptions {
  /** Codec of the video, as in `video/H264`. */
  mimeType?: string
  /** Divides width and height. */
  scaleDown?: number
  /** Upper bound of the video in bits per second. */
  maxBitrate?: number
}

/** Sends camera and microphone through WebRTC to a `<video>` in the same page; resolves when it is connected. */
export async function callItself(page: AnyPage, options: LoopbackOptions = {}): Promise<void> {
  await evaluate(page, callSource(callInPage, JSON.stringify(options)))
}

/** Runs in the page; refers to nothing outside itself. */
async function callInPage(options: LoopbackOptions): Promise<void> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true })
  const [from, to] = [new RTCPeerConnection(), new RTCPeerConnection()]
  const video = document.createElement('video')
  video.srcObject = new MediaStream()
  video.autoplay = true
  video.muted = true
  document.body.append(video)
  to.ontrack = ({ track }) => (video.srcObject as MediaStream).addTrack(track)
  from.onicecandidate = ({ candidate }) => candidate && to.addIceCandidate(candidate)
  to.onicecandidate = ({ candidate }) => candidate && from.addIceCandidate(candidate)
  for (const track of stream.getTracks()) {
    const encoding = { scaleResolutionDownBy: options.scaleDown ?? 1, maxBitrate: options.maxBitrate ?? 2_000_000 }
    const transceiver = from.addTransceiver(track, track.kind === 'video' ? { sendEncodings: [encoding] } : {})
    if (track.kind !== 'video' || !options.mimeType) continue
    const codecs = RTCRtpReceiver.getCapabilities('video')?.codecs ?? []
    transceiver.setCodecPreferences(codecs.filter((codec) => codec.mimeType === options.mimeType))
  }
  await from.setLocalDescription()
  await to.setRemoteDescription(from.localDescription as RTCSessionDescription)
  await to.setLocalDescription()
  await from.setRemoteDescription(to.localDescription as RTCSessionDescription)
  await new Promise<void>((done, fail) => {
    to.onconnectionstatechange = () => {
      if (to.connectionState === 'connected') done()
      if (to.connectionState === 'failed') fail(new Error('the call to itself failed'))
    }
  })
}
