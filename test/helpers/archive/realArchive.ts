/** An archive of what real FFmpeg makes, through the real packager: two layers and sound, with an interruption. */
import { Archive } from '../../../server/archive/Archive.ts'
import { picture, sound } from '../packager/ffmpegMedia.ts'
import { START } from '../packager/ManualClock.ts'
import { Stage } from '../packager/Stage.ts'

export interface Take {
  /** Seconds after the beginning. */
  readonly after: number
  readonly seconds: number
  /** Layers that are sent, 0 the lowest. */
  readonly layers?: readonly number[]
  /** Without a microphone. */
  readonly silent?: boolean
}

const SIZES = ['320x180', '640x360'] as const

/** 8 s, an interruption of 5 s, and 6 s. */
const TWO_TAKES: readonly Take[] = [
  { after: 0, seconds: 8 },
  { after: 13, seconds: 6 },
]

export async function fillArchive(folder: string, takes: readonly Take[] = TWO_TAKES): Promise<Archive> {
  const archive = await Archive.open(folder)
  const stage = new Stage()
  const listed: Parameters<Archive['append']>[] = []
  stage.packager.on('segment', (event) => {
    listed.push([
      event.listed,
      stage.packager.renditions(),
      { targetDuration: 3, limits: { bytes: 200_000, time: 1e9 } },
    ])
  })
  for (const { after, seconds, layers = [0, 1], silent = false } of takes) {
    const capturedAt = START + after * 1000
    const pictures = await Promise.all(
      layers.map(async (layer) => {
        const size = SIZES[layer] ?? SIZES[0]
        return { layer, arrivals: await picture({ size, seconds, capturedAt, origin: 3 + 2 * layer }) }
      }),
    )
    const voice = silent ? [] : stage.audio(await sound({ seconds, capturedAt }))
    stage.play(...pictures.map(({ layer, arrivals }) => stage.video(layer, arrivals)), voice)
    stage.packager.interrupt()
  }
  stage.packager.end()
  for (const each of listed) await archive.append(...each)
  await archive.seal()
  return archive
}
