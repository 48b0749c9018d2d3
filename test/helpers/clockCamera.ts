/** In charge of the sending side of the clock picture: a camera, microphone and screen made of canvas and tone. */
import { clockGrid } from './clockGrid.ts'
import { callSource } from './page.ts'

/** How the picture that replaces camera and screen looks; each field has a default. */
export interface ClockCameraOptions {
  /** Number of the camera's picture, 0 to 15; 1 by default. A screen share shows this number plus one. */
  source?: number
  /** Frequency of the tone that replaces the microphone, in hertz; 1000 by default, and always in Firefox. */
  toneHz?: number
  /** Turns the picture as a fault would; for tests of the reader. */
  mirrored?: boolean
  /**
   * Gives the size and rate that are asked for, as a real camera does. Without it the picture is at most 960×540 at 20
   * frames a second: still three layers, for three eighths of the work, on two cores that have everything else to do.
   */
  full?: boolean
}

/** What the script leaves in the page for tests: `globalThis.clockCamera`. */
interface ClockCameraHandle {
  /** Set it to true to get the browser's own (fake) devices from then on. */
  real: boolean
  /** Frames drawn so far, by all pictures. */
  drawn: number
}

/**
 * The source of a script that replaces `getUserMedia` and `getDisplayMedia` of a page: `page.addInitScript` in
 * Playwright, `page.evaluateOnNewDocument` in Puppeteer. Video is the clock picture in the size and rate asked for,
 * as far as `full` allows, audio a tone, each only where it is asked for.
 */
export function clockCameraScript(options: ClockCameraOptions = {}): string {
  return callSource(replaceCamera, `(${clockGrid.toString()})()`, JSON.stringify(options))
}

/** Runs in the page; refers to nothing outside itself. */
function replaceCamera(grid: ReturnType<typeof clockGrid>, options: ClockCameraOptions): void {
  const devices = navigator.mediaDevices
  if (!devices) return
  const handle: ClockCameraHandle = { real: false, drawn: 0 }
  Object.assign(globalThis, { clockCamera: handle })
  const camera = options.source ?? 1
  const real = { user: devices.getUserMedia.bind(devices), display: devices.getDisplayMedia?.bind(devices) }

  /** The number that a constraint asks for, or the default. */
  const asked = (constraint: ConstrainULong | ConstrainDouble | undefined, otherwise: number): number => {
    if (typeof constraint === 'number') return constraint
    return constraint?.exact ?? constraint?.ideal ?? constraint?.max ?? otherwise
  }

  const drawFrame = (context: CanvasRenderingContext2D, frame: number, source: number) => {
    const { width, height } = context.canvas
    // Edges on whole pixels, so that no cell has a grey seam.
    const x = (column: number) => Math.round((column * width) / grid.columns)
    const y = (row: number) => Math.round((row * height) / grid.rows)
    grid.encode({ ms: Date.now(), frame: frame % 65536, source }).forEach((line, row) => {
      line.forEach((cell, column) => {
        context.fillStyle = cell === 1 ? '#fff' : '#000'
        context.fillRect(x(column), y(row), x(column + 1) - x(column), y(row + 1) - y(row))
      })
    })
    // Moving colours in the row that carries no bits, so that the encoder has real motion to code.
    const strip = { left: x(1), top: y(grid.rows - 2), width: x(grid.columns - 1) - x(1), height: y(1) }
    const blob = strip.height / 2
    for (let index = 0; index < 48; index++) {
      const along = (index / 48 + (frame * (1 + (index % 5))) / 600) % 1
      context.fillStyle = `hsl(${(index * 47 + frame * 3) % 360} 90% ${35 + ((index * 13) % 40)}%)`
      context.fillRect(
        strip.left + along * (strip.width - blob),
        strip.top + ((index * 29) % 50) * (blob / 50),
        blob,
        blob,
      )
    }
    handle.drawn++
  }

  /** A track of the picture; it is drawn until the track and all its clones have ended. */
  const pictureTrack = (constraints: MediaTrackConstraints, source: number): MediaStreamTrack => {
    const rate = Math.min(options.full ? 60 : 20, asked(constraints.frameRate, 30))
    const canvas = document.createElement('canvas')
    const [width, height] = [asked(constraints.width, 1280), asked(constraints.height, 720)]
    const scale = options.full ? 1 : Math.min(1, Math.sqrt((960 * 540) / (width * height)))
    canvas.width = Math.round(width * scale)
    canvas.height = Math.round(height * scale)
    const context = canvas.getContext('2d', { willReadFrequently: true })
    if (!context) throw new Error('no 2d canvas')
    if (options.mirrored) context.setTransform(-1, 0, 0, 1, canvas.width, 0)
    let frame = 0
    drawFrame(context, frame++, source)
    const [track] = canvas.captureStream().getVideoTracks()
    if (!track) throw new Error('the canvas gives no track')
    const tracks: MediaStreamTrack[] = []
    const describe = (of: MediaStreamTrack): MediaStreamTrack => {
      tracks.push(of)
      const settings = of.getSettings.bind(of)
      const clone = of.clone.bind(of)
      of.getSettings = () => ({ ...settings(), width: canvas.width, height: canvas.height, frameRate: rate })
      of.clone = () => describe(clone())
      return of
    }
    const start = performance.now()
    const timer = setInterval(() => {
      if (tracks.every((each) => each.readyState === 'ended')) clearInterval(timer)
      // Due by the clock, not by counting ticks: a busy machine drops frames instead of slowing the picture down.
      else if (performance.now() - start >= (frame * 1000) / rate) {
        frame = Math.max(frame, Math.floor(((performance.now() - start) * rate) / 1000))
        drawFrame(context, frame++, source)
      }
    }, 4)
    return describe(track)
  }

  const toneTrack = async (): Promise<MediaStreamTrack | undefined> => {
    // On a machine without a sound card Firefox never starts an AudioContext; its fake microphone is a tone of 1 kHz.
    if ('mozGetUserMedia' in navigator) return (await real.user({ audio: true })).getAudioTracks()[0]
    const audio = new AudioContext()
    const tone = new OscillatorNode(audio, { frequency: options.toneHz ?? 1000 })
    const out = new MediaStreamAudioDestinationNode(audio)
    tone.connect(new GainNode(audio, { gain: 0.5 })).connect(out)
    tone.start()
    const [track] = out.stream.getAudioTracks()
    return track
  }

  const media = async (constraints: MediaStreamConstraints, source: number): Promise<MediaStream> => {
    const { video, audio } = constraints
    const tracks: MediaStreamTrack[] = []
    if (video) tracks.push(pictureTrack(typeof video === 'object' ? video : {}, source))
    const tone = audio && (await toneTrack())
    if (tone) tracks.push(tone)
    if (tracks.length === 0) throw new TypeError('neither audio nor video was asked for')
    return new MediaStream(tracks)
  }

  devices.getUserMedia = async (constraints = {}) => (handle.real ? real.user(constraints) : media(constraints, camera))
  devices.getDisplayMedia = async (constraints = {}) =>
    handle.real ? real.display(constraints) : media({ video: constraints.video ?? true }, (camera + 1) % 16)
}
