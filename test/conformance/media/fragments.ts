/** In charge of what a media file of one track carries, fragment by fragment: ISO/IEC 14496-12, 8.8. Pure. */
import { type Box, findBox, MediaError, readBoxes } from './boxes.ts'
import type { InitFacts } from './init.ts'

export interface Fragment {
  /** Decode time of its first sample, in ticks; null when the fragment does not say it. */
  readonly decodeTime: number | null
  /** How many samples. */
  readonly samples: number
  /** Sum of their durations in ticks. */
  readonly duration: number
  /** Ticks of the longest sample: what "within a frame" means here. */
  readonly longest: number
  /** Ticks for which tfhd says that there is nothing (duration-is-empty); null when it says no such thing. */
  readonly emptyFor: number | null
  /** Whether decoding can begin here: an IDR picture, or any sound. */
  readonly independent: boolean
  /** Whether parameter sets stand inside its samples. */
  readonly hasParameterSets: boolean
}

export interface FileFacts {
  /** Types of the boxes of the file, in order. */
  readonly boxes: readonly string[]
  readonly fragments: readonly Fragment[]
}

const IDR = 5
const [SPS, PPS] = [7, 8]

/** Throws MediaError for what is no fragmented MP4. A sample that is cut off by the end of the file is one, too. */
export function readFragments(bytes: Buffer, init: InitFacts, allowCut = false): FileFacts {
  const boxes = readBoxes(bytes)
  const last = boxes.at(-1)
  if (last?.cut && !allowCut) throw new MediaError(`the file ends inside its ${last.type}`)
  const fragments = boxes.filter(({ type }) => type === 'moof').map((moof) => readFragment(bytes, moof, init, allowCut))
  return { boxes: boxes.map(({ type }) => type), fragments }
}

interface Sample {
  readonly duration: number
  readonly size: number
}

function readFragment(bytes: Buffer, moof: Box, init: InitFacts, allowCut: boolean): Fragment {
  const track = findBox(moof.body, 'traf')
  if (!track) throw new MediaError('moof without traf')
  const header = findBox(track, 'tfhd')
  if (!header) throw new MediaError('traf without tfhd')
  const defaults = readDefaults(header)
  const timeBox = findBox(track, 'tfdt')
  const decodeTime = timeBox && (timeBox[0] === 1 ? Number(timeBox.readBigUInt64BE(4)) : timeBox.readUInt32BE(4))
  const samples: Sample[] = []
  const nals = new Set<number>()
  let firstVcl: number | null = null
  for (const run of readBoxes(track).filter(({ type }) => type === 'trun')) {
    const { offset, rows } = readRun(run.body, defaults)
    // Offsets count from the moof: default-base-is-moof, which CMAF demands (ISO/IEC 23000-19, 7.5.16).
    let at = moof.at + offset
    for (const sample of rows) {
      const data = bytes.subarray(at, at + sample.size)
      if (data.length < sample.size && !(allowCut && samples.length > 0)) throw new MediaError('a sample is cut off')
      if (init.kind === 'video' && data.length === sample.size) {
        const types = nalTypes(data, init.lengthSize)
        for (const type of types) nals.add(type)
        if (samples.length === 0) firstVcl = types.find((type) => type >= 1 && type <= IDR) ?? null
      }
      samples.push(sample)
      at += sample.size
    }
  }
  return {
    decodeTime,
    samples: samples.length,
    duration: samples.reduce((sum, { duration }) => sum + duration, 0),
    longest: Math.max(0, ...samples.map(({ duration }) => duration)),
    emptyFor: (header.readUInt32BE(0) & 0x010000) !== 0 ? defaults.duration : null,
    independent: samples.length > 0 && (init.kind === 'audio' || firstVcl === IDR),
    hasParameterSets: nals.has(SPS) || nals.has(PPS),
  }
}

function readDefaults(header: Buffer): Sample {
  const flags = header.readUInt32BE(0)
  let at = 8
  const take = (flag: number, size: number): number | null => {
    if ((flags & flag) === 0) return null
    at += size
    return size === 4 ? header.readUInt32BE(at - 4) : 0
  }
  take(0x1, 8)
  take(0x2, 4)
  return { duration: take(0x8, 4) ?? 0, size: take(0x10, 4) ?? 0 }
}

function readRun(run: Buffer, defaults: Sample): { offset: number; rows: Sample[] } {
  const flags = run.readUInt32BE(0)
  const count = run.readUInt32BE(4)
  let at = 8
  const next = (present: boolean): number | null => {
    if (!present) return null
    at += 4
    if (at > run.length) throw new MediaError('trun is too short')
    return run.readUInt32BE(at - 4)
  }
  const offset = next((flags & 0x1) !== 0) ?? 0
  next((flags & 0x4) !== 0)
  const rows: Sample[] = []
  for (let index = 0; index < count; index++) {
    const duration = next((flags & 0x100) !== 0) ?? defaults.duration
    const size = next((flags & 0x200) !== 0) ?? defaults.size
    next((flags & 0x400) !== 0)
    next((flags & 0x800) !== 0)
    rows.push({ duration, size })
  }
  return { offset, rows }
}

function nalTypes(sample: Buffer, lengthSize: number): number[] {
  const types: number[] = []
  for (let at = 0; at + lengthSize < sample.length; ) {
    const length = sample.readUIntBE(at, lengthSize)
    types.push((sample[at + lengthSize] ?? 0) & 31)
    at += lengthSize + length
  }
  return types
}
