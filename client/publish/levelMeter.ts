/** In charge of how loud the microphone is, for a person to see that it works. */

export interface LevelMeter {
  /** 0 (silence, −60 dBFS or less) to 1 (full scale). */
  read(): number
  close(): void
}

const FLOOR_DB = -60

/** From the root mean square of samples in −1…1 to what a meter shows: linear in decibels. */
export function levelOf(samples: Float32Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  const rms = Math.sqrt(sum / Math.max(1, samples.length))
  if (rms === 0) return 0
  return Math.min(1, Math.max(0, 1 - (20 * Math.log10(rms)) / FLOOR_DB))
}

/** Listens to a track without playing it. It reads 0 until the browser lets audio contexts run. */
export function createLevelMeter(track: MediaStreamTrack): LevelMeter {
  const context = new AudioContext()
  const source = context.createMediaStreamSource(new MediaStream([track]))
  const analyser = new AnalyserNode(context, { fftSize: 1024 })
  source.connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  return {
    read() {
      if (context.state === 'suspended') void context.resume().catch(() => {})
      analyser.getFloatTimeDomainData(samples)
      return levelOf(samples)
    },
    close() {
      source.disconnect()
      void context.close()
    },
  }
}
