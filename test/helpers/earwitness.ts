/** In charge of what somebody in front of the page heard of a continuous tone: when, and for how long, it was silent. */
import { type AnyPage, callSource, evaluate } from './page.ts'
import type { Captures } from './tone.ts'

/** A silence. Times are milliseconds: `at` since the Unix epoch. */
export interface Silence {
  readonly at: number
  readonly ms: number
}

/** Begins to listen to all elements of the player, as loud as each of them is. Chromium only. */
export async function beginToListen(page: AnyPage): Promise<void> {
  await evaluate(page, callSource(listen))
}

/** Whether anything is heard now. */
export async function isHeard(page: AnyPage): Promise<boolean> {
  return evaluate<boolean>(page, 'globalThis.hearing.isLoud')
}

/** The silences that began from a moment on, the last of them up to now. Shorter ones than 30 ms are not told. */
export async function silences(page: AnyPage, from = 0): Promise<Silence[]> {
  const all = await evaluate<Silence[]>(page, 'globalThis.hearing.silences()')
  return all.filter(({ at, ms }) => at >= from && ms >= 30)
}

/** Runs in the page; refers to nothing outside itself. */
async function listen(): Promise<void> {
  const context = new AudioContext()
  await context.resume()
  /** −50 dBFS. */
  const threshold = 0.003
  interface Tap {
    track: MediaStreamTrack
    source: AudioNode
    analyser: AnalyserNode
  }
  const taps = new Map<HTMLMediaElement, Tap>()
  const samples = new Float32Array(512)

  const page = globalThis as { capturesOfTest?: Captures }
  page.capturesOfTest ??= { of: new Map(), all: [] }
  const captures = page.capturesOfTest
  const streamOf = (element: HTMLMediaElement & { captureStream?(): MediaStream }): MediaStream | undefined => {
    if (element.srcObject instanceof MediaStream) return element.srcObject
    const stream = captures.of.get(element) ?? element.captureStream?.()
    if (stream) captures.of.set(element, stream)
    return stream
  }

  const tapOf = (element: HTMLMediaElement): Tap | undefined => {
    const known = taps.get(element)
    const track = streamOf(element)
      ?.getAudioTracks()
      .find(({ readyState }) => readyState === 'live')
    if (!track || known?.track === track) return known
    const analyser = new AnalyserNode(context, { fftSize: samples.length })
    const source = context.createMediaStreamSource(new MediaStream([track]))
    source.connect(analyser)
    const tap = { track, source, analyser }
    taps.set(element, tap)
    return tap
  }

  const energyOf = (element: HTMLMediaElement): number => {
    const tap = tapOf(element)
    if (!tap || element.muted) return 0
    tap.analyser.getFloatTimeDomainData(samples)
    return samples.reduce((sum, sample) => sum + sample * sample, 0) * element.volume ** 2
  }

  const told: { at: number; ms: number }[] = []
  let silentSince: number | null = Date.now()
  const look = (): void => {
    const root = document.querySelector('nearcast-player')?.shadowRoot
    const elements = [...(root?.querySelectorAll('video') ?? [])]
    const energy = elements.reduce((sum, element) => sum + energyOf(element), 0)
    const isLoud = Math.sqrt(energy / samples.length) > threshold
    if (isLoud && silentSince !== null) told.push({ at: silentSince, ms: Date.now() - silentSince })
    if (isLoud) silentSince = null
    else silentSince ??= Date.now()
  }
  setInterval(look, 10)
  Object.assign(globalThis, {
    hearing: {
      get isLoud() {
        return silentSince === null
      },
      silences: () => (silentSince === null ? told : [...told, { at: silentSince, ms: Date.now() - silentSince }]),
    },
  })
}
