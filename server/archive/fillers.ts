/** Makes the segments that close the holes of a recording: one key frame that stays, or silence. Pure. */
import { AAC_FRAME_SAMPLES, silentFrame } from '../packager/audioConfig.ts'
import { BoxError } from '../packager/boxReader.ts'
import { FragmentReader, type Track } from '../packager/fragmentReader.ts'
import { type Sample, writePart } from '../packager/partWriter.ts'

export interface FillerOptions {
  /** The init segment that describes it, and a segment that begins with the picture that is to stay. */
  readonly init: Buffer
  readonly media: Buffer
  /** In the timescale of the init segment. */
  readonly start: number
  readonly length: number
  readonly sequence: number
}

/** Bytes of one segment. @throws BoxError for files that are not ours */
export function makeFiller({ init, media, start, length, sequence }: FillerOptions): Buffer {
  const reader = new FragmentReader()
  const [described] = reader.push(init)
  if (!described || !('track' in described)) throw new BoxError('an init segment without a track')
  const samples =
    described.track.kind === 'avc'
      ? [still(reader.push(media), start, length)]
      : silence(described.track, start, length)
  return writePart(sequence, samples)
}

function still(events: ReturnType<FragmentReader['push']>, time: number, duration: number): Sample {
  for (const event of events) {
    if ('frame' in event) return { time, duration, compositionOffset: 0, sync: true, data: event.frame.data }
  }
  throw new BoxError('a segment without a frame')
}

/** Whole frames: the last one ends within half a frame of where the segment does. */
function silence(track: Track, start: number, length: number): Sample[] {
  if (track.kind !== 'aac') throw new BoxError(`no silence is known for ${track.kind}`)
  const data = silentFrame(track.config.channels)
  const count = Math.max(1, Math.round(length / AAC_FRAME_SAMPLES))
  return Array.from({ length: count }, (_, index) => {
    const time = start + index * AAC_FRAME_SAMPLES
    return { time, duration: AAC_FRAME_SAMPLES, compositionOffset: 0, sync: true, data }
  })
}
