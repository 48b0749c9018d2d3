/** Settings of what makes HTTP delivery: taps, transcoding, packaging, time shift and recordings. Part of `config.ts`. */
import { availableParallelism } from 'node:os'
import { integer, list, number, oneOf, text } from './lib/settings.ts'
import { encoderNames, x264Presets } from './tap/encoders.ts'

export const packagingSettings = {
  ffmpeg: text('NEARCAST_FFMPEG', { default: 'ffmpeg', meaning: 'FFmpeg program.' }),
  tapPort: integer('NEARCAST_TAP_PORT', {
    default: 42000,
    min: 1024,
    max: 64000,
    meaning: 'First loopback port between SFU and FFmpeg.',
  }),
  tapPortCount: integer('NEARCAST_TAP_PORT_COUNT', {
    default: 2000,
    min: 4,
    max: 20_000,
    meaning:
      'How many loopback ports there are, half for FFmpeg and half for the SFU; each layer and each audio takes two of each.',
  }),
  audioBitrate: integer('NEARCAST_AUDIO_BITRATE', {
    default: 96_000,
    min: 32_000,
    max: 320_000,
    unit: 'bit/s',
    meaning: 'AAC for HTTP delivery.',
  }),
  transcodes: integer('NEARCAST_TRANSCODES', {
    default: Math.max(1, Math.floor(availableParallelism() / 2)),
    defaultText: 'one for two cores',
    min: 0,
    max: 1000,
    meaning:
      'Broadcasts in VP8 that are transcoded for HTTP delivery at once; further ones are WebRTC-only until one ends.',
  }),
  transcodeRungs: list('NEARCAST_TRANSCODE_RUNGS', {
    default: availableParallelism() > 1 ? ['720', '480', '270'] : ['480', '270'],
    defaultText: '720,480,270; on one core 480,270',
    pattern: /^(1[4-9]\d|[2-9]\d\d|1\d{3}|20\d\d|21[0-5]\d|2160)$/,
    accepts: 'heights from 140 to 2160, separated by commas',
    meaning: 'Heights that a transcoded picture is encoded in, as far as the source is that large.',
  }),
  transcodeEncoder: oneOf('NEARCAST_TRANSCODE_ENCODER', encoderNames, {
    default: 'libx264',
    meaning: 'H.264 encoder of FFmpeg for transcoding; one that does not work on this machine stops the start.',
  }),
  transcodePreset: oneOf('NEARCAST_TRANSCODE_PRESET', x264Presets, {
    default: 'veryfast',
    meaning: 'Speed of libx264 against quality.',
  }),
  transcodeDevice: text('NEARCAST_TRANSCODE_DEVICE', {
    default: '/dev/dri/renderD128',
    meaning: 'Render node of h264_vaapi.',
  }),
  partTarget: number('NEARCAST_PART_TARGET', {
    default: 0.35,
    min: 0.25,
    max: 1,
    unit: 's',
    meaning: 'Target duration of a part.',
  }),
  windowSegments: integer('NEARCAST_WINDOW_SEGMENTS', {
    default: 15,
    min: 6,
    max: 60,
    meaning: 'Segments a live playlist lists.',
  }),
  timeShift: integer('NEARCAST_TIME_SHIFT', {
    default: 7200,
    min: 0,
    max: 86_400,
    unit: 's',
    meaning: 'How far viewers can go back while a broadcast is live, on disk under DATA_DIR; 0 switches it off.',
  }),
  timeShiftMaxMb: integer('NEARCAST_TIME_SHIFT_MAX_MB', {
    default: 8192,
    min: 256,
    max: 1_000_000,
    unit: 'MB',
    meaning: 'Largest size of what one live broadcast keeps for going back.',
  }),
  recordingMaxMb: integer('NEARCAST_RECORDING_MAX_MB', {
    default: 20_480,
    min: 1,
    max: 10_000_000,
    unit: 'MB',
    meaning: 'Largest size of one recording, which ends there.',
  }),
  recordingsMaxMb: integer('NEARCAST_RECORDINGS_MAX_MB', {
    default: 102_400,
    min: 1,
    max: 100_000_000,
    unit: 'MB',
    meaning: 'Largest size of all recordings together; beyond it the oldest are deleted.',
  }),
  recordingDays: integer('NEARCAST_RECORDING_DAYS', {
    default: 30,
    min: 1,
    max: 3650,
    unit: 'days',
    meaning: 'How long a recording is kept.',
  }),
}
