/** In charge of finding boxes in ISO base media files (ISO/IEC 14496-12, 4.2). Pure. */

export interface Box {
  readonly type: string
  /** Offset of the header in the file. */
  readonly at: number
  /** What is in the box: behind its header. */
  readonly body: Buffer
  /** Whether the file ends before the box does, as a byte range may. */
  readonly cut: boolean
}

/** Raised for bytes that are no boxes. */
export class MediaError extends Error {
  override readonly name = 'MediaError'
}

/** The boxes that follow each other in `bytes`, of which the last may be cut off. Throws MediaError. */
export function readBoxes(bytes: Buffer): Box[] {
  const boxes: Box[] = []
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 8) throw new MediaError(`${bytes.length - at} bytes at ${at} are no box`)
    const type = bytes.toString('latin1', at + 4, at + 8)
    if (!/^[\w ©-]{4}$/.test(type)) throw new MediaError(`no box at ${at}`)
    const short = bytes.readUInt32BE(at)
    const long = short === 1 && bytes.length - at >= 16
    const size = long ? Number(bytes.readBigUInt64BE(at + 8)) : short === 0 ? bytes.length - at : short
    const header = long ? 16 : 8
    if (size < header) throw new MediaError(`the box ${type} at ${at} says it has ${size} bytes`)
    boxes.push({ type, at, body: bytes.subarray(at + header, at + size), cut: at + size > bytes.length })
    at += size
  }
  return boxes
}

/** The box at the end of a path such as `moov/trak/mdia`; of several, the first. Null where there is none. */
export function findBox(bytes: Buffer, path: string): Buffer | null {
  let body = bytes
  for (const type of path.split('/')) {
    const box = readBoxes(body).find((one) => one.type === type)
    if (!box) return null
    body = box.body
  }
  return body
}
