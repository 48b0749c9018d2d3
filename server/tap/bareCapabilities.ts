/** What a tap tells mediasoup it can receive: as little as possible. Pure. */
import type { types } from 'mediasoup'
import { TapError } from './TapError.ts'

/** Whether a codec can be tapped as it is: H.264 is copied, Opus is turned into AAC. */
export function isTappable(codec: { readonly mimeType: string }): boolean {
  return /^(video\/h264|audio\/opus)$/i.test(codec.mimeType)
}

/** Whether a codec can be transcoded into H.264. */
export function isTranscodable(codec: { readonly mimeType: string }): boolean {
  return /^video\/vp8$/i.test(codec.mimeType)
}

/**
 * RTP capabilities with the producer's codec alone: for video `nack pli` and `ccm fir`, and no RTX, no transport-cc, no
 * REMB, no header extensions. With more, mediasoup estimates the bandwidth of a transport that never answers, sends a
 * lower layer than asked, and sends probation packets into FFmpeg's port.
 * @throws {TapError} `not-tappable`.
 */
export function bareCapabilities(consumable: types.RtpParameters): types.RtpCapabilities {
  const [codec] = consumable.codecs
  if (!codec || !(isTappable(codec) || isTranscodable(codec))) {
    throw new TapError('not-tappable', `${codec?.mimeType ?? 'a stream without codec'} cannot be tapped`)
  }
  const video = codec.mimeType.toLowerCase().startsWith('video/')
  return {
    codecs: [
      {
        kind: video ? 'video' : 'audio',
        mimeType: codec.mimeType,
        clockRate: codec.clockRate,
        preferredPayloadType: codec.payloadType,
        ...(codec.channels === undefined ? {} : { channels: codec.channels }),
        ...(codec.parameters === undefined ? {} : { parameters: codec.parameters }),
        rtcpFeedback: video
          ? [
              { type: 'nack', parameter: 'pli' },
              { type: 'ccm', parameter: 'fir' },
            ]
          : [],
      },
    ],
    headerExtensions: [],
  }
}
