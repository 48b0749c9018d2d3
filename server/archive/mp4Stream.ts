/** Turns planned pieces of a recording into one fragmented MP4 with a picture and a sound track on one timeline. */
import { readAccessUnit } from '../packager/accessUnit.ts'
import { childBoxes, findBox } from '../packager/boxReader.ts'
import { box, u32 } from '../packager/boxWriter.ts'
import { FragmentReader, type Track } from '../packager/fragmentReader.ts'
import { type Sample, writePart } from '../packager/partWriter.ts'
import type { Mp4Piece } from './mp4Plan.ts'

/** Reads a file of the recording whole. Rejects when it is not there any more. */
export type ReadFile = (rendition: string, name: string) => Promise<Buffer>

const TRACK_IDS = { video: 1, audio: 2 } as const

/**
 * Where the pictures come with several parameter sets, they are put before each IDR as well: the one description of the
 * track can't be that of all, and decoders take what comes with the picture. @throws BoxError for files that are not ours
 */
export async function* mp4Stream(pieces: readonly Mp4Piece[], readFile: ReadFile): AsyncGenerator<Buffer> {
  const inits = new Map<string, Buffer>()
  for (const { rendition, init } of pieces) {
    const key = `${rendition}/${init}`
    if (!inits.has(key)) inits.set(key, await readFile(rendition, init))
  }
  const initOf = ({ rendition, init }: Mp4Piece) => inits.get(`${rendition}/${init}`) ?? Buffer.alloc(0)
  const first = (kind: Mp4Piece['kind']) => {
    const piece = pieces.find((each) => each.kind === kind)
    return piece ? initOf(piece) : null
  }
  const pictures = new Set(
    pieces.filter(({ kind }) => kind === 'video').map((piece) => initOf(piece).toString('latin1')),
  )
  yield header(first('video'), first('audio'))
  for (const [sequence, piece] of pieces.entries()) {
    const bytes = await readFile(piece.rendition, piece.name)
    const samples = readSamples(initOf(piece), bytes, piece, pictures.size > 1)
    if (samples.length === 0) continue
    const part = writePart(sequence + 1, samples)
    part.writeUInt32BE(TRACK_IDS[piece.kind], TRACK_ID_IN_PART)
    yield part
  }
}

/** moof, mfhd, the headers of traf and tfhd: see partWriter. */
const TRACK_ID_IN_PART = 8 + 16 + 8 + 12

function readSamples(init: Buffer, media: Buffer, { kind, shift }: Mp4Piece, withSets: boolean): Sample[] {
  const reader = new FragmentReader()
  let track: Track | null = null
  const samples: Sample[] = []
  for (const event of [...reader.push(init), ...reader.push(media)]) {
    if ('track' in event) {
      track = event.track
      continue
    }
    const { dts, duration, compositionOffset, data } = event.frame
    const sync = kind === 'audio' || (track?.kind === 'avc' && readAccessUnit(data, track.nalLengthSize).idr)
    const sets = withSets && sync && track?.kind === 'avc' ? setsOf(track) : []
    samples.push({ time: dts + shift, duration, compositionOffset, sync, data: Buffer.concat([...sets, data]) })
  }
  return samples
}

function setsOf({ sets, nalLengthSize }: Extract<Track, { kind: 'avc' }>): Buffer[] {
  return [...sets.sps, ...sets.pps].flatMap((nal) => {
    const length = Buffer.alloc(nalLengthSize)
    length.writeUIntBE(nal.length, 0, nalLengthSize)
    return [length, nal]
  })
}

/** One `moov` of the tracks of two init segments. */
function header(video: Buffer | null, audio: Buffer | null): Buffer {
  const [some] = [video, audio].filter((init) => init !== null)
  if (!some) throw new RangeError('a recording of nothing')
  const whole = (type: string, body: Buffer | null) => box(type, body ?? Buffer.alloc(0))
  const traks: Buffer[] = []
  const trexes: Buffer[] = []
  for (const [init, id] of [
    [video, TRACK_IDS.video],
    [audio, TRACK_IDS.audio],
  ] as const) {
    if (!init) continue
    const trak = childBoxes(findBox(init, 'moov', 'trak') ?? Buffer.alloc(0))
    const parts = trak.map(({ type, body }) => (type === 'tkhd' ? box(type, withId(body, 12, id)) : box(type, body)))
    traks.push(box('trak', ...parts))
    trexes.push(box('trex', withId(findBox(init, 'moov', 'mvex', 'trex') ?? Buffer.alloc(8), 4, id)))
  }
  const mvhd = whole('mvhd', findBox(some, 'moov', 'mvhd'))
  return Buffer.concat([whole('ftyp', findBox(some, 'ftyp')), box('moov', mvhd, ...traks, box('mvex', ...trexes))])
}

/** A copy of a box's body with another track id: version 0 boxes, ISO/IEC 14496-12, 8.3.2 and 8.8.3. */
function withId(body: Buffer, offset: number, id: number): Buffer {
  return Buffer.concat([body.subarray(0, offset), u32(id), body.subarray(offset + 4)])
}
