/** In charge of a broadcast without a browser: a real FFmpeg plays a clip in real time into what packages it, as taps do. */
import { systemClock } from '../../../server/lib/clock.ts'
import { FfmpegProcess } from '../../../server/tap/FfmpegProcess.ts'
import { audioCommand, type FfmpegCommand, videoCommand } from '../../../server/tap/ffmpegArgs.ts'
import type { ByteSink, TapSink } from '../../../server/tap/TapSink.ts'
import { LAYERS } from './clip.ts'

/** AAC, bit/s. */
const AUDIO_BITRATE = 96_000

export class LiveFeed {
  readonly #ffmpeg: FfmpegProcess

  /** Plays until it is closed. Rejects when FFmpeg cannot be started. */
  static async create(clip: string, sink: Pick<TapSink, 'openVideo' | 'openAudio'>): Promise<LiveFeed> {
    const layers = Array.from({ length: LAYERS }, (_, layer) => layer)
    const sinks: ByteSink[] = layers.map((layer) => sink.openVideo(layer, 'start'))
    const audio = sink.openAudio('start')
    sinks.push(audio.aac, audio.opus)
    const command: FfmpegCommand = {
      input: { url: clip, options: ['-hide_banner', '-nostdin', '-nostats', '-re', '-stream_loop', '-1'] },
      outputs: [
        ...layers.flatMap((layer) => videoCommand('').outputs.map((output) => ofLayer(output, layer))),
        ...audioCommand('', AUDIO_BITRATE).outputs,
      ],
    }
    const onOutput = (output: number, chunk: Buffer) => sinks[output]?.write(chunk)
    return new LiveFeed(await FfmpegProcess.create({ ffmpegPath: 'ffmpeg', command, onOutput, clock: systemClock }))
  }

  private constructor(ffmpeg: FfmpegProcess) {
    this.#ffmpeg = ffmpeg
  }

  get pid(): number | undefined {
    return this.#ffmpeg.pid
  }

  async close(): Promise<void> {
    await this.#ffmpeg.stop()
  }
}

/** The tap's output options for the only stream of its input, for one of several. */
function ofLayer(output: readonly string[], layer: number): string[] {
  return output.map((argument) => (argument === '0:v:0' ? `0:v:${layer}` : argument))
}
