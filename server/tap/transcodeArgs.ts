/** The command lines of the FFmpegs that transcode, as lists of arguments. Accepted by FFmpeg 4.4 and later. Pure. */
import { type EncoderSettings, encoderArguments } from './encoders.ts'
import { type FfmpegCommand, fragmentedMp4 } from './ffmpegArgs.ts'
import type { Rung } from './ladder.ts'

/**
 * Seconds from key frame to key frame, at the same frames of all rungs: after the 1.7 s from which the packager ends a
 * segment, and before the 2.0 s after which it would ask for one.
 */
const KEY_FRAMES_EVERY = 1.8

/**
 * VP8 in IVF on standard input, one output a rung. Whatever size the source changes to, rungs keep theirs: the picture is
 * fitted in and black fills what is left.
 */
export function transcodeCommand(rungs: readonly Rung[], settings: EncoderSettings): FfmpegCommand {
  const encoders = rungs.map((rung) => encoderArguments(settings, rung))
  const [first] = encoders
  const split = [first?.prefilter, `split=${rungs.length}${rungs.map((_, index) => `[s${index}]`).join('')}`]
  const chains = rungs.map((rung, index) => `[s${index}]${fitted(rung)},${encoders[index]?.filter}[v${index}]`)
  const filter = [`[0:v]${split.filter(Boolean).join(',')}`, ...chains].join(';')
  return {
    input: {
      url: 'pipe:0',
      options: [
        ...['-hide_banner', '-nostats', '-loglevel', 'level+warning', ...(first?.global ?? [])],
        // One thread: more of them decode several frames at once, each a frame later.
        ...['-protocol_whitelist', 'pipe', '-f', 'ivf', '-c:v', 'vp8', '-threads', '1'],
        ...['-probesize', '32', '-analyzeduration', '0', '-fpsprobesize', '0', '-copyts'],
      ],
    },
    outputs: encoders.map(({ output }, index) => [
      // An option of the whole run, which may stand with any output.
      ...(index === 0 ? ['-filter_complex', filter] : []),
      ...['-map', `[v${index}]`, ...output, '-g', '600', '-force_key_frames', keyFrames],
      // Without them frames would be dropped and doubled until they fit a frame rate that was guessed.
      ...['-vsync', 'passthrough', '-enc_time_base', '1/90000', '-video_track_timescale', '90000'],
      ...fragmentedMp4,
    ]),
  }
}

/** Encodes one frame of nothing: whether this machine really can. */
export function trialCommand(settings: EncoderSettings): FfmpegCommand {
  const { global, filter, output } = encoderArguments(settings, { width: 320, height: 180, bitrate: 200_000 })
  return {
    input: {
      url: 'color=size=320x180:rate=30',
      options: ['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'level+error', ...global, '-f', 'lavfi'],
    },
    outputs: [['-frames:v', '1', '-vf', filter, ...output, '-movflags', 'empty_moov', '-f', 'mp4']],
  }
}

const keyFrames = `expr:isnan(prev_forced_t)+gte(t,prev_forced_t+${KEY_FRAMES_EVERY})`

function fitted({ width, height }: Rung): string {
  const scale = `scale=${width}:${height}:force_original_aspect_ratio=decrease:flags=bilinear`
  return `${scale},pad=${width}:${height}:-1:-1,setsar=1`
}
