/** Writes a part: one `moof` and one `mdat` (a CMAF chunk) around the samples of a few frames. */
import { box, fullBox, i64, u32 } from './boxWriter.ts'
import { TRACK_ID } from './initSegment.ts'

/** Times in the rendition's timescale. */
export interface Sample {
  readonly time: number
  readonly duration: number
  readonly compositionOffset: number
  /** Decoding can begin here: an IDR, or any audio frame. */
  readonly sync: boolean
  readonly data: Buffer
}

/** sample_depends_on = 2, a sync sample; = 1 and sample_is_non_sync_sample: ISO/IEC 14496-12, 8.8.3.1. */
const SYNC_FLAGS = 0x02000000
const DELTA_FLAGS = 0x01010000

const DEFAULT_BASE_IS_MOOF = 0x020000
/** No samples for the time that the default duration says: ISO/IEC 14496-12, 8.8.7.1. */
const DURATION_IS_EMPTY = 0x010000
const DEFAULT_DURATION = 0x8
const DEFAULT_FLAGS = 0x20
const DATA_OFFSET = 0x1
const FIRST_SAMPLE_FLAGS = 0x4
const SAMPLE_DURATION = 0x100
const SAMPLE_SIZE = 0x200
const SAMPLE_FLAGS = 0x400
const SAMPLE_COMPOSITION = 0x800

/** Bytes of one part. The samples follow each other in time; at least one. `sequence` counts up over a rendition's parts. */
export function writePart(sequence: number, samples: readonly Sample[]): Buffer {
  const [first, ...others] = samples
  if (!first) throw new RangeError('a part needs a sample')
  const restFlags = flagsOf(others[0] ?? first)
  const perDuration = others.some((sample) => sample.duration !== first.duration)
  const perFlags = others.some((sample) => flagsOf(sample) !== restFlags)
  const perComposition = samples.some((sample) => sample.compositionOffset !== 0)
  const runFlags =
    DATA_OFFSET |
    SAMPLE_SIZE |
    (perDuration ? SAMPLE_DURATION : 0) |
    (perFlags ? SAMPLE_FLAGS : FIRST_SAMPLE_FLAGS) |
    (perComposition ? SAMPLE_COMPOSITION : 0)
  const rows: number[] = []
  for (const sample of samples) {
    if (perDuration) rows.push(sample.duration)
    rows.push(sample.data.length)
    if (perFlags) rows.push(flagsOf(sample))
    if (perComposition) rows.push(sample.compositionOffset)
  }
  const moof = box(
    'moof',
    fullBox('mfhd', 0, 0, u32(sequence)),
    box(
      'traf',
      fullBox(
        'tfhd',
        0,
        DEFAULT_BASE_IS_MOOF | DEFAULT_DURATION | DEFAULT_FLAGS,
        u32(TRACK_ID, first.duration, restFlags),
      ),
      fullBox('tfdt', 1, 0, i64(first.time)),
      fullBox('trun', 1, runFlags, u32(samples.length, 0, ...(perFlags ? [] : [flagsOf(first)]), ...rows)),
    ),
  )
  const data = samples.map((sample) => sample.data)
  const size = data.reduce((sum, bytes) => sum + bytes.length, 0)
  moof.writeUInt32BE(moof.length + 8, dataOffsetPosition(moof.length, rows.length, perFlags))
  const header = Buffer.alloc(8)
  header.writeUInt32BE(size + 8, 0)
  header.write('mdat', 4, 'latin1')
  return Buffer.concat([moof, header, ...data])
}

/** Bytes of a part in which no sample begins: the one before it stays. Times in the rendition's timescale. */
export function writeEmptyPart(sequence: number, time: number, duration: number): Buffer {
  const flags = DEFAULT_BASE_IS_MOOF | DURATION_IS_EMPTY | DEFAULT_DURATION
  const tfhd = fullBox('tfhd', 0, flags, u32(TRACK_ID, duration))
  const moof = box('moof', fullBox('mfhd', 0, 0, u32(sequence)), box('traf', tfhd, fullBox('tfdt', 1, 0, i64(time))))
  return Buffer.concat([moof, box('mdat')])
}

function flagsOf(sample: Sample): number {
  return sample.sync ? SYNC_FLAGS : DELTA_FLAGS
}

/** The data offset stands before the optional first sample flags and the rows, which end the `moof`. */
function dataOffsetPosition(moofLength: number, rows: number, perFlags: boolean): number {
  return moofLength - rows * 4 - (perFlags ? 4 : 8)
}
