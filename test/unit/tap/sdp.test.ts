import { describe, expect, it } from 'vitest'
import { tapSdp } from '../../../server/tap/sdp.ts'

describe('tapSdp', () => {
  it('describes H.264 without parameter sets and profile', () => {
    const sdp = tapSdp({ kind: 'video', port: 40_000, payloadType: 102, encoding: 'H264', clockRate: 90_000 })
    expect(sdp.split('\r\n')).toEqual([
      'v=0',
      'o=- 0 0 IN IP4 127.0.0.1',
      's=tap',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      'm=video 40000 RTP/AVP 102',
      'a=rtpmap:102 H264/90000',
      'a=fmtp:102 packetization-mode=1',
      '',
    ])
  })

  it('names the channels of audio', () => {
    const stream = { kind: 'audio', port: 40_002, payloadType: 100, encoding: 'opus', clockRate: 48_000 } as const
    expect(tapSdp({ ...stream, channels: 2 })).toContain('a=rtpmap:100 opus/48000/2\r\n')
  })
})
