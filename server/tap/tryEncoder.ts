/** Finds out at start whether an encoder works on this machine. */
import type { Clock } from '../lib/clock.ts'
import type { EncoderSettings } from './encoders.ts'
import { describeExit, FfmpegProcess } from './FfmpegProcess.ts'
import { trialCommand } from './transcodeArgs.ts'

/** Hardware that does not answer within this time (ms) will not encode live pictures. */
const PATIENCE_MS = 10_000

/** Encodes one frame. Resolves with null when that works, else with what FFmpeg complains of. */
export async function tryEncoder(ffmpegPath: string, settings: EncoderSettings, clock: Clock): Promise<string | null> {
  try {
    const process = await FfmpegProcess.create({
      ffmpegPath,
      command: trialCommand(settings),
      onOutput: () => {},
      clock,
    })
    const cancel = clock.after(PATIENCE_MS, () => process.stop())
    const exit = await process.closed
    cancel()
    if (exit.code === 0 && !exit.stopped) return null
    // The first complaint is the cause, the last one what came of it.
    return exit.stderr.find((line) => /\[(error|fatal)\]/.test(line)) ?? describeExit(exit)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
