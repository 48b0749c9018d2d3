import type { types } from 'mediasoup'
import { describe, expect, it } from 'vitest'
import { bareCapabilities, isTappable, isTranscodable } from '../../../server/tap/bareCapabilities.ts'

const h264: types.RtpCodecParameters = {
  mimeType: 'video/H264',
  payloadType: 102,
  clockRate: 90_000,
  parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f' },
  rtcpFeedback: [{ type: 'nack' }, { type: 'transport-cc' }, { type: 'goog-remb' }],
}

describe('bareCapabilities', () => {
  it('asks for key frames and for nothing else, so that mediasoup neither estimates bandwidth nor probes', () => {
    const consumable: types.RtpParameters = {
      codecs: [h264, { mimeType: 'video/rtx', payloadType: 103, clockRate: 90_000, parameters: { apt: 102 } }],
      headerExtensions: [{ uri: 'urn:3gpp:video-orientation', id: 11 }],
    }
    expect(bareCapabilities(consumable)).toEqual({
      codecs: [
        {
          kind: 'video',
          mimeType: 'video/H264',
          clockRate: 90_000,
          preferredPayloadType: 102,
          parameters: h264.parameters,
          rtcpFeedback: [
            { type: 'nack', parameter: 'pli' },
            { type: 'ccm', parameter: 'fir' },
          ],
        },
      ],
      headerExtensions: [],
    })
  })

  it('asks for no feedback on audio', () => {
    const opus = { mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000, channels: 2 } as const
    expect(bareCapabilities({ codecs: [opus] }).codecs).toEqual([
      {
        kind: 'audio',
        mimeType: 'audio/opus',
        clockRate: 48_000,
        channels: 2,
        preferredPayloadType: 100,
        rtcpFeedback: [],
      },
    ])
  })

  it.each(['video/VP9', 'video/AV1', 'audio/PCMU'] as const)('refuses %s with the code not-tappable', (mimeType) => {
    expect(isTappable({ mimeType })).toBe(false)
    const consumable = { codecs: [{ mimeType, payloadType: 96, clockRate: 90_000 }] }
    expect(() => bareCapabilities(consumable)).toThrow(expect.objectContaining({ code: 'not-tappable' }))
  })

  it('takes VP8, which is not copied but transcoded, by itself alone', () => {
    expect(isTappable({ mimeType: 'video/VP8' })).toBe(false)
    expect(
      ['video/VP8', 'video/vp8', 'video/H264', 'audio/opus'].map((mimeType) => isTranscodable({ mimeType })),
    ).toEqual([true, true, false, false])
    const capabilities = bareCapabilities({ codecs: [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 }] })
    expect(capabilities.codecs?.map(({ mimeType }) => mimeType)).toEqual(['video/VP8'])
    expect(capabilities.headerExtensions).toEqual([])
  })
})
