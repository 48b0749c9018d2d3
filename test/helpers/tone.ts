/** In charge of what a page's media element is heard to play: the loudest frequency and how loud it is. */
import { type AnyPage, callSource, pictureElement } from './page.ts'

/** What was heard last. */
export interface Tone {
  /** Loudest frequency in hertz, to within 6 Hz at 48 kHz. */
  frequency: number
  /** Its level in dBFS; −Infinity in silence. */
  level: number
  /** Whether the wanted frequency came out on top, above the wanted level, for 5 looks in a row. */
  heard: boolean
}

/** What to listen for and where. */
export interface ToneOptions {
  element?: string
  /** The wanted frequency in hertz (1000) and the tolerance around it (20). */
  frequency?: number
  tolerance?: number
  /** Least level in dBFS; −45 by default. */
  level?: number
  /** How long to wait for it at most, in milliseconds; 10 000 by default. */
  deadline?: number
}

/** Listens until the tone is heard or the deadline passes; works for WebRTC and for MSE, and while the element is muted. */
export async function listenForTone(page: AnyPage, options: ToneOptions = {}): Promise<Tone> {
  const { element = pictureElement, ...wanted } = options
  const defaults = { frequency: 1000, tolerance: 20, level: -45, deadline: 10_000 }
  return (await page.evaluate(callSource(listen, element, JSON.stringify({ ...defaults, ...wanted })))) as Tone
}

interface CapturableElement extends HTMLMediaElement {
  captureStream?(): MediaStream
  mozCaptureStream?(): MediaStream
}

/** Runs in the page; refers to nothing outside itself. */
async function listen(element: CapturableElement | null, wanted: Required<Omit<ToneOptions, 'element'>>): Promise<Tone> {
  if (!element) throw new Error('no media element to listen to')
  const stream =
    element.srcObject instanceof MediaStream
      ? element.srcObject
      : (element.captureStream?.() ?? element.mozCaptureStream?.())
  if (!stream?.getAudioTracks().length) return { frequency: 0, level: Number.NEGATIVE_INFINITY, heard: false }

  const context = new AudioContext()
  const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 })
  const source = new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream(stream.getAudioTracks()) })
  source.connect(analyser)
  const bins = new Float32Array(analyser.frequencyBinCount)
  const look = () => {
    analyser.getFloatFrequencyData(bins)
    let loudest = 0
    bins.forEach((level, bin) => {
      if (level > (bins[loudest] ?? 0)) loudest = bin
    })
    const frequency = (loudest * context.sampleRate) / analyser.fftSize
    return { frequency, level: bins[loudest] ?? Number.NEGATIVE_INFINITY }
  }
  try {
    return await new Promise<Tone>((done) => {
      const start = performance.now()
      let inARow = 0
      const timer = setInterval(() => {
        const tone = look()
        const right = Math.abs(tone.frequency - wanted.frequency) <= wanted.tolerance && tone.level >= wanted.level
        inARow = right ? inARow + 1 : 0
        if (inARow < 5 && performance.now() - start < wanted.deadline) return
        clearInterval(timer)
        done({ ...tone, heard: inARow >= 5 })
      }, 100)
    })
  } finally {
    source.disconnect()
    await context.close()
  }
}
