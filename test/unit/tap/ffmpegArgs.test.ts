import { describe, expect, it } from 'vitest'
import { audioCommand, type FfmpegCommand, videoCommand } from '../../../server/tap/ffmpegArgs.ts'
import { tapSdp } from '../../../server/tap/sdp.ts'

const sdp = tapSdp({ kind: 'video', port: 40_000, payloadType: 102, encoding: 'H264', clockRate: 90_000 })

/** The value that follows an option. */
const argument = (options: readonly string[], name: string) => options[options.indexOf(name) + 1]

const everyCommand: [string, FfmpegCommand][] = [
  ['video', videoCommand(sdp)],
  ['audio', audioCommand(sdp, 96_000)],
]

describe('the FFmpeg commands', () => {
  it.each(everyCommand)('let FFmpeg receive %s on loopback only, by no other protocol than RTP', (_, { input }) => {
    expect(argument(input.options, '-localaddr')).toBe('127.0.0.1')
    expect(argument(input.options, '-protocol_whitelist')).toBe('data,udp,rtp')
  })

  it.each(everyCommand)('put late packets of %s in order', (_, { input }) => {
    expect(argument(input.options, '-reorder_queue_size')).toBe('256')
    expect(argument(input.options, '-max_delay')).toBe('200000')
  })

  it.each(everyCommand)('keep the capture time of %s on every output', (_, { input, outputs }) => {
    expect(input.options).toContain('-copyts')
    for (const output of outputs) {
      expect(argument(output, '-write_prft')).toBe('wallclock')
      expect(argument(output, '-avoid_negative_ts')).toBe('disabled')
      expect(argument(output, '-movflags')).toBe('empty_moov+default_base_moof+frag_every_frame+frag_discont')
    }
  })

  it('hold the description inside, so that no file is needed', () => {
    const { url } = videoCommand(sdp).input
    expect(Buffer.from(url.replace('data:application/sdp;base64,', ''), 'base64').toString()).toBe(sdp)
  })

  it('copy video, and audio for its clock beside the AAC', () => {
    expect(videoCommand(sdp).outputs.map((output) => argument(output, '-c:v'))).toEqual(['copy'])
    const { outputs } = audioCommand(sdp, 64_000)
    expect(outputs.map((output) => argument(output, '-c:a'))).toEqual(['aac', 'copy'])
    expect(argument(outputs[0] ?? [], '-b:a')).toBe('64000')
  })
})
