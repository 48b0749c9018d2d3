/** Which codecs the SFU forwards, and what publishers and viewers are told of them. */
import type { types } from 'mediasoup'
import type { RtpCapabilities } from '../../shared/rtp.ts'

const h264 = (profileLevelId: string): types.RouterRtpCodecCapability => ({
  kind: 'video',
  mimeType: 'video/H264',
  clockRate: 90_000,
  parameters: { 'packetization-mode': 1, 'profile-level-id': profileLevelId, 'level-asymmetry-allowed': 1 },
})

/**
 * Opus; H.264 constrained baseline, main and high (mediasoup matches profiles strictly, and encoders send all three);
 * VP8 for browsers without H.264.
 */
export const mediaCodecs: types.RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
  h264('42e01f'),
  h264('4d001f'),
  h264('640032'),
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
]

/**
 * What a publisher is offered: without `video-orientation`, so that the browser turns the pixels itself; copied H.264
 * and Firefox would lose a rotation that is only in the RTP header.
 */
export function publisherCapabilities(capabilities: types.RtpCapabilities): RtpCapabilities {
  const offered = viewerCapabilities(capabilities)
  return {
    ...offered,
    headerExtensions: offered.headerExtensions.filter(({ uri }) => uri !== 'urn:3gpp:video-orientation'),
  }
}

/** A router's capabilities in the form of the wire. */
export function viewerCapabilities(capabilities: types.RtpCapabilities): RtpCapabilities {
  return {
    codecs: (capabilities.codecs ?? []).map(({ parameters, ...codec }) => ({
      ...codec,
      ...(parameters === undefined ? {} : { parameters: plainParameters(parameters) }),
    })),
    headerExtensions: capabilities.headerExtensions ?? [],
  }
}

function plainParameters(parameters: Record<string, unknown>): Record<string, string | number | boolean> {
  const plain: Record<string, string | number | boolean> = {}
  for (const [name, value] of Object.entries(parameters)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') plain[name] = value
  }
  return plain
}
