/** Whether and how this server transcodes: what the settings say, tried on this machine. */
import { type Config, ConfigError } from './config.ts'
import type { Clock } from './lib/clock.ts'
import type { Logger } from './ops/logger.ts'
import type { TranscodeSettings } from './tap/TranscodeAttempt.ts'
import { TranscodeSlots } from './tap/TranscodeSlots.ts'
import { tryEncoder } from './tap/tryEncoder.ts'

export interface Transcoding {
  /** Null: nothing is transcoded. */
  readonly transcode: TranscodeSettings | null
  readonly slots: TranscodeSlots
}

/**
 * Without the default encoder the server runs and transcodes nothing, since most sources are copied.
 * @throws {ConfigError} when another encoder was asked for, and does not work
 */
export async function createTranscoding(config: Config, clock: Clock, log: Logger): Promise<Transcoding> {
  const off = { transcode: null, slots: new TranscodeSlots(0) }
  if (config.transcodes === 0) return off
  const transcode = {
    encoder: config.transcodeEncoder,
    preset: config.transcodePreset,
    device: config.transcodeDevice,
    heights: config.transcodeRungs.map(Number),
  }
  const problem = await tryEncoder(config.ffmpeg, transcode, clock)
  if (problem === null) return { transcode, slots: new TranscodeSlots(config.transcodes) }
  const text = `${transcode.encoder} does not work here: ${problem}`
  if (transcode.encoder !== 'libx264') throw new ConfigError([`NEARCAST_TRANSCODE_ENCODER: ${text}`])
  log.warn(`${text}; broadcasts in VP8 are WebRTC-only`)
  return off
}
