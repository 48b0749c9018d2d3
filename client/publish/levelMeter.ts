/** In charge of how loud the microphone is, for a person to see that it works. */
import type { SoundLook } from './loudness.ts'

export interface LevelMeter {
  /** The sound since about the last look. */
  read(): SoundLook
  close(): void
}

/** dBFS at the left end of a meter. */
const FLOOR_DB = -60

/** Root mean square and largest sample of samples in −1…1, in dBFS; −Infinity for silence. */
export function lookAt(samples: Float32Array): SoundLook {
  let [sum, largest] = [0, 0]
  for (const sample of samples) {
    sum += sample * sample
    largest = Math.max(largest, Math.abs(sample))
  }
  return { rms: decibels(Math.sqrt(sum / Math.max(1, samples.length))), peak: decibels(largest) }
}

/** Where a level stands on a meter that is linear in decibels: 0 (−60 dBFS or less) to 1 (full scale). */
export function onMeter(level: number): number {
  return Math.min(1, Math.max(0, 1 - level / FLOOR_DB))
}

/** Listens to a track without playing it. It reads silence until the browser lets audio contexts run. */
export function createLevelMeter(track: MediaStreamTrack): LevelMeter {
  const context = new AudioContext()
  const source = context.createMediaStreamSource(new MediaStream([track]))
  // 85 ms at 48 kHz: no peak falls between two looks 80 ms apart.
  const analyser = new AnalyserNode(context, { fftSize: 4096 })
  source.connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  return {
    read() {
      if (context.state === 'suspended') void context.resume().catch(() => {})
      analyser.getFloatTimeDomainData(samples)
      return lookAt(samples)
    },
    close() {
      source.disconnect()
      void context.close()
    },
  }
}

function decibels(amplitude: number): number {
  return 20 * Math.log10(amplitude)
}
