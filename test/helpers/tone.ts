/** In charge of what a page's media element is heard to play: the frequency and how loud it is. */
import { type AnyPage, callSource, evaluate, pictureElement } from './page.ts'

/** What was heard in the last recording. */
export interface Tone {
  /** Frequency in hertz, from the zero crossings; 0 in silence. */
  frequency: number
  /** Root mean square level in dBFS; −Infinity in silence. */
  level: number
  /** Whether the wanted frequency carries most of the energy, above the wanted level. */
  heard: boolean
  /** What kept us from hearing, if anything did. */
  reason?: string
}

/** What to listen for and where. */
export interface ToneOptions {
  /** JavaScript expression for the media element; evaluated again for each recording. */
  element?: string
  /** The wanted frequency in hertz; 1000 by default. */
  frequency?: number
  /** Least level in dBFS; −45 by default. */
  level?: number
  /** How long to go on listening at most, in milliseconds; 20 000 by default. */
  deadline?: number
}

/**
 * Listens until the tone is heard or the deadline passes; works for WebRTC and for MSE, and while the element is muted.
 * It records and decodes instead of using an AudioContext: on a machine without a sound card Firefox never starts one.
 */
export async function listenForTone(page: AnyPage, options: ToneOptions = {}): Promise<Tone> {
  const { element = pictureElement, ...wanted } = options
  const defaults = { frequency: 1000, level: -45, deadline: 20_000 }
  return await evaluate(page, callSource(listen, `() => ${element}`, JSON.stringify({ ...defaults, ...wanted })))
}

interface CapturableElement extends HTMLMediaElement {
  captureStream?(): MediaStream
  mozCaptureStream?(): MediaStream
}

/**
 * What was captured in the page, also by calls before. All of it is kept: Chromium has one listener an element, and a stream
 * that is collected as garbage silences the one captured after it (`HtmlAudioElementCapturerSource::EnsureSourceIsStopped`).
 */
export interface Captures {
  readonly of: Map<HTMLMediaElement, MediaStream>
  readonly all: MediaStream[]
}

/** Runs in the page; refers to nothing outside itself. */
async function listen(
  find: () => CapturableElement | null,
  wanted: { frequency: number; level: number; deadline: number },
): Promise<Tone> {
  const page = globalThis as { capturesOfTest?: Captures }
  page.capturesOfTest ??= { of: new Map(), all: [] }
  const captures = page.capturesOfTest
  const silence: Tone = { frequency: 0, level: Number.NEGATIVE_INFINITY, heard: false }
  const start = performance.now()
  const left = () => wanted.deadline - (performance.now() - start)

  /** Records the stream for a while (milliseconds) and decodes it; undefined when nothing was recorded. */
  const record = async (tracks: MediaStreamTrack[], length: number): Promise<AudioBuffer | undefined> => {
    const recorder = new MediaRecorder(new MediaStream(tracks))
    const chunks: Blob[] = []
    recorder.ondataavailable = ({ data }) => chunks.push(data)
    const stopped = new Promise((done) => {
      recorder.onstop = done
    })
    recorder.start()
    await new Promise<void>((enough) => setTimeout(enough, length))
    if (recorder.state !== 'inactive') recorder.stop()
    await stopped
    const bytes = await new Blob(chunks).arrayBuffer()
    return new OfflineAudioContext(1, 48_000, 48_000).decodeAudioData(bytes).catch(() => undefined)
  }

  const analyse = (samples: Float32Array, rate: number): Tone => {
    let [energy, crossings, real, imaginary] = [0, 0, 0, 0]
    samples.forEach((sample, index) => {
      energy += sample * sample
      if (sample >= 0 && (samples[index - 1] ?? 0) < 0) crossings++
      real += sample * Math.cos((2 * Math.PI * wanted.frequency * index) / rate)
      imaginary += sample * Math.sin((2 * Math.PI * wanted.frequency * index) / rate)
    })
    if (energy === 0) return { ...silence, reason: 'nothing but zeros' }
    const level = 10 * Math.log10(energy / samples.length)
    // For a pure tone of the wanted frequency this share of the energy is 1, for any other sound nearly 0.
    const share = (2 * (real * real + imaginary * imaginary)) / (samples.length * energy)
    return { frequency: (crossings * rate) / samples.length, level, heard: share > 0.6 && level >= wanted.level }
  }

  const streamOf = (element: CapturableElement) =>
    element.srcObject instanceof MediaStream ? element.srcObject : (captures.of.get(element) ?? capture(element))
  const capture = (element: CapturableElement) => {
    const stream = element.captureStream?.() ?? element.mozCaptureStream?.()
    if (!stream) return undefined
    captures.of.set(element, stream)
    captures.all.push(stream)
    return stream
  }

  let last: Tone = { ...silence, reason: 'no audio track' }
  // A recorder on a busy machine begins late.
  let length = 600
  do {
    const element = find()
    if (!element) throw new Error('no media element to listen to')
    const tracks =
      streamOf(element)
        ?.getAudioTracks()
        .filter((track) => track.readyState === 'live') ?? []
    if (tracks.length === 0) {
      await new Promise<void>((later) => setTimeout(later, 100))
      continue
    }
    const sound = await record(tracks, length)
    // The encoder's run-in is left out at both ends: 50 ms of 48 kHz, then a window of 150 ms.
    const window = sound?.getChannelData(0).subarray(2400, 2400 + 7200)
    if (sound && window?.length === 7200) last = analyse(window, sound.sampleRate)
    else {
      last = { ...silence, reason: 'nothing recorded' }
      length = Math.min(2 * length, 2400)
    }
    // A stream that was captured may have stayed behind when its element began anew.
    if (!last.heard) captures.of.delete(element)
  } while (!last.heard && left() > 0)
  return last
}
