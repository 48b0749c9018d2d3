/** In charge of how a track becomes a producer: codec, layers, bit rates, and their change when another source comes. */
import type { types } from 'mediasoup-client'
import { NearcastError } from '../../shared/errors.ts'
import { chooseVideoCodec, degradationPreference, encodingsFor, type Size, startBitrateFor } from './encodings.ts'

/** Voice: mono speech needs 28 to 40 kbit/s (RFC 7587, 3.1.1), and the sound is the last thing that should suffer. */
const VOICE_BITRATE = 64_000

/** Music in stereo: the upper end of what RFC 7587, 3.1.1 recommends for it. */
const MUSIC_BITRATE = 128_000

/** The size of a source whose track does not tell it yet. */
const ASSUMED_SIZE: Size = { width: 1280, height: 720 }

/** `music`: two channels; else one, by which the browser chooses the speech mode of Opus and its error correction. */
export function produceAudio(
  transport: types.Transport,
  track: MediaStreamTrack,
  music: boolean,
): Promise<types.Producer> {
  return transport.produce({
    track,
    // No discontinuous transmission: silence is sent as packets, so that HTTP delivery never waits for sound.
    codecOptions: {
      opusStereo: music,
      opusFec: true,
      opusDtx: false,
      opusMaxAverageBitrate: music ? MUSIC_BITRATE : VOICE_BITRATE,
    },
    stopTracks: false,
    disableTrackOnPause: false,
    zeroRtpOnPause: false,
    appData: { source: 'microphone' },
  })
}

/** Rejects with `no-common-codec` when the browser encodes none that the router takes. */
export async function produceVideo(
  transport: types.Transport,
  codecs: readonly types.RtpCodecCapability[],
  track: MediaStreamTrack,
): Promise<types.Producer> {
  const codec = chooseVideoCodec(codecs)
  if (!codec) throw new NearcastError('no-common-codec')
  const encodings = encodingsFor(sizeOf(track))
  const producer = await transport.produce({
    track,
    codec,
    encodings,
    codecOptions: { videoGoogleStartBitrate: startBitrateFor(encodings) },
    stopTracks: false,
    disableTrackOnPause: false,
    zeroRtpOnPause: false,
    appData: { source: 'camera' },
  })
  await setParameters(producer, (parameters) => {
    parameters.degradationPreference = degradationPreference
    return true
  })
  return producer
}

/**
 * Another source in a running producer, or another size of the same one (a phone was turned, a shared window grew): as
 * many layers as before, with the bit rates that the size deserves.
 */
export function fitEncodings(producer: types.Producer, track: MediaStreamTrack): Promise<void> {
  return setParameters(producer, (parameters) => {
    const wanted = encodingsFor(sizeOf(track), parameters.encodings.length)
    let isChanged = false
    parameters.encodings.forEach((encoding, index) => {
      const { maxBitrate, scaleResolutionDownBy } = wanted[index] ?? {}
      if (maxBitrate === undefined || scaleResolutionDownBy === undefined) return
      if (encoding.maxBitrate === maxBitrate && encoding.scaleResolutionDownBy === scaleResolutionDownBy) return
      Object.assign(encoding, { maxBitrate, scaleResolutionDownBy })
      isChanged = true
    })
    return isChanged
  })
}

/** `degradationPreference` is missing from the types since it was moved; browsers take it or leave it. */
type SendParameters = RTCRtpSendParameters & { degradationPreference?: RTCDegradationPreference }

/**
 * `change` says whether it changed anything. What a browser refuses here is an improvement that is missed, not a
 * broadcast that fails.
 */
async function setParameters(producer: types.Producer, change: (parameters: SendParameters) => boolean): Promise<void> {
  const sender = producer.rtpSender
  if (!sender) return
  const parameters: SendParameters = sender.getParameters()
  if (change(parameters)) await sender.setParameters(parameters).catch(() => {})
}

function sizeOf(track: MediaStreamTrack): Size {
  const { width, height } = track.getSettings()
  return width && height ? { width, height } : ASSUMED_SIZE
}
