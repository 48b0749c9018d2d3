import { describe, expect, it } from 'vitest'
import { type EncoderSettings, encoderNames } from '../../../server/tap/encoders.ts'
import { transcodeCommand, trialCommand } from '../../../server/tap/transcodeArgs.ts'

const rungs = [
  { width: 480, height: 270, bitrate: 350_000 },
  { width: 1280, height: 720, bitrate: 2_000_000 },
]
const settings: EncoderSettings = { encoder: 'libx264', preset: 'superfast', device: '/dev/dri/renderD7' }

/** The value that follows an option. */
const argument = (options: readonly string[] | undefined, name: string) => options?.[options.indexOf(name) + 1]

describe('transcodeCommand', () => {
  it('reads VP8 from standard input alone, by no other protocol, and keeps its times', () => {
    const { input } = transcodeCommand(rungs, settings)
    expect(input.url).toBe('pipe:0')
    expect(argument(input.options, '-protocol_whitelist')).toBe('pipe')
    expect(argument(input.options, '-f')).toBe('ivf')
    expect(input.options).toContain('-copyts')
  })

  it('fits whatever comes into each rung, without changing its shape', () => {
    const { outputs } = transcodeCommand(rungs, settings)
    const filter = argument(outputs[0], '-filter_complex')
    expect(filter?.split(';')).toEqual([
      '[0:v]split=2[s0][s1]',
      '[s0]scale=480:270:force_original_aspect_ratio=decrease:flags=bilinear,pad=480:270:-1:-1,setsar=1,format=yuv420p[v0]',
      '[s1]scale=1280:720:force_original_aspect_ratio=decrease:flags=bilinear,pad=1280:720:-1:-1,setsar=1,format=yuv420p[v1]',
    ])
    expect(outputs.map((output) => argument(output, '-map'))).toEqual(['[v0]', '[v1]'])
    expect(outputs[1]).not.toContain('-filter_complex')
  })

  it('bounds each rung over a second, and its threads', () => {
    const { outputs } = transcodeCommand(rungs, settings)
    expect(outputs.map((output) => argument(output, '-maxrate'))).toEqual(['350000', '2000000'])
    expect(outputs.map((output) => argument(output, '-bufsize'))).toEqual(['350000', '2000000'])
    expect(argument(outputs[0], '-preset')).toBe('superfast')
    expect(argument(outputs[0], '-threads:v')).toBe('2')
  })

  it.each(encoderNames)('makes %s encode no B-frames, and key frames by the clock on every rung', (encoder) => {
    const { input, outputs } = transcodeCommand(rungs, { ...settings, encoder })
    for (const output of outputs) {
      expect(argument(output, '-c:v')).toBe(encoder)
      expect(argument(output, '-bf')).toBe('0')
      expect(argument(output, '-force_key_frames')).toBe('expr:isnan(prev_forced_t)+gte(t,prev_forced_t+1.8)')
      expect(argument(output, '-vsync')).toBe('passthrough')
      expect(argument(output, '-movflags')).toBe('empty_moov+default_base_moof+frag_every_frame+frag_discont')
    }
    const filter = argument(outputs[0], '-filter_complex') ?? ''
    expect(filter.startsWith('[0:v]fps=30,')).toBe(encoder !== 'libx264')
    expect(input.options.includes('-vaapi_device')).toBe(encoder === 'h264_vaapi')
  })

  it('hands frames to the render node that the settings name', () => {
    const { input, outputs } = transcodeCommand(rungs, { ...settings, encoder: 'h264_vaapi' })
    expect(argument(input.options, '-vaapi_device')).toBe('/dev/dri/renderD7')
    expect(argument(outputs[0], '-filter_complex')).toContain('format=nv12,hwupload')
  })
})

describe('trialCommand', () => {
  it.each(encoderNames)('encodes one frame by %s as transcoding would', (encoder) => {
    const { outputs } = trialCommand({ ...settings, encoder })
    expect(argument(outputs[0], '-frames:v')).toBe('1')
    expect(argument(outputs[0], '-c:v')).toBe(encoder)
  })
})
