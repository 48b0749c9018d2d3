/** The H.264 encoders that transcoding knows, and the arguments that each needs to be live: no B-frames, no delay. Pure. */
import type { Rung } from './ladder.ts'

export const encoderNames = ['libx264', 'h264_nvenc', 'h264_vaapi', 'h264_qsv', 'h264_videotoolbox'] as const
export type EncoderName = (typeof encoderNames)[number]

/** Of libx264, from the cheapest to the best. */
export const x264Presets = ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast'] as const

/** How pictures are encoded, the same for all broadcasts. */
export interface EncoderSettings {
  readonly encoder: EncoderName
  readonly preset: (typeof x264Presets)[number]
  /** The render node that `h264_vaapi` uses. */
  readonly device: string
}

/** How one encoder is called. */
export interface EncoderArguments {
  /** Before the input. */
  readonly global: readonly string[]
  /** Before the picture is split into rungs; empty for none. */
  readonly prefilter: string
  /** After a rung has its size: what makes its frames fit for the encoder. */
  readonly filter: string
  readonly output: readonly string[]
}

/**
 * Frames keep the times they were captured at, so there is no frame rate to know; the rate control of libx264 is told one
 * (else it takes each tick of 90 kHz for a frame) and goes by the times all the same. What runs in hardware goes by the
 * frame rate alone: its frames are put on an even grid.
 */
const FRAME_RATE = 30
const EVEN_GRID = `fps=${FRAME_RATE}`

export function encoderArguments({ encoder, preset, device }: EncoderSettings, rung: Rung): EncoderArguments {
  const limit = ['-maxrate', String(rung.bitrate), '-bufsize', String(rung.bitrate)]
  const hardware = { global: [], prefilter: EVEN_GRID, filter: 'format=nv12' }
  const rate = ['-b:v', String(Math.round(rung.bitrate * 0.8)), ...limit]
  const main = ['-c:v', encoder, '-profile:v', 'main', '-bf', '0']
  switch (encoder) {
    case 'libx264':
      // More threads would only cut each picture into more slices, as it must be done before the next one comes.
      return {
        ...{ global: [], prefilter: '', filter: 'format=yuv420p' },
        output: [
          ...[...main, '-preset', preset, '-tune', 'zerolatency', '-threads:v', '2', '-crf', '23', ...limit],
          ...['-forced-idr', '1', '-sc_threshold', '0', '-x264-params', `fps=${FRAME_RATE}`],
        ],
      }
    case 'h264_nvenc':
      return {
        ...hardware,
        output: [
          ...[...main, '-preset', 'p3', '-tune', 'll', '-rc', 'vbr', ...rate],
          ...['-zerolatency', '1', '-delay', '0', '-forced-idr', '1', '-no-scenecut', '1'],
        ],
      }
    case 'h264_vaapi':
      return {
        ...hardware,
        global: ['-vaapi_device', device],
        filter: 'format=nv12,hwupload',
        output: [...main, '-rc_mode', 'VBR', ...rate, '-idr_interval', '0'],
      }
    case 'h264_qsv':
      return { ...hardware, output: [...main, '-preset', 'veryfast', ...rate, '-async_depth', '1', '-forced_idr', '1'] }
    case 'h264_videotoolbox':
      return { ...hardware, output: [...main, '-realtime', '1', ...rate] }
  }
}
