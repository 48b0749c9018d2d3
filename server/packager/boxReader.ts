/** Cuts a byte stream into ISO base media boxes, however the bytes are chunked, without ever holding more than one box. */

/** Our own bound, far above any frame a live encoder makes: a box that claims more is garbage. Bytes. */
export const MAX_BOX_BYTES = 16 * 1024 * 1024

/** The bytes are no fragmented MP4, or none that we take. The stream they came from cannot be read any further. */
export class BoxError extends Error {
  override readonly name = 'BoxError'
}

export interface Box {
  /** Four characters, e.g. `moof`. */
  readonly type: string
  /** What follows the header. */
  readonly body: Buffer
}

/** A pull-free reader: `push` bytes, get the boxes that they completed. After a BoxError every push throws it again. */
export class BoxReader {
  #pending: Buffer[] = []
  #length = 0
  #failure: BoxError | null = null

  /** Bytes held for the box under way. */
  get buffered(): number {
    return this.#length
  }

  /** Takes any number of bytes. @throws BoxError */
  push(chunk: Buffer): Box[] {
    if (this.#failure) throw this.#failure
    this.#pending.push(chunk)
    this.#length += chunk.length
    const boxes: Box[] = []
    try {
      for (let box = this.#take(); box; box = this.#take()) boxes.push(box)
    } catch (error) {
      this.#pending = []
      this.#length = 0
      this.#failure = error instanceof BoxError ? error : new BoxError(String(error))
      throw this.#failure
    }
    return boxes
  }

  #take(): Box | null {
    const header = this.#peekHeader()
    if (!header || this.#length < header.size) return null
    const all = this.#pending.length === 1 ? this.#pending[0] : Buffer.concat(this.#pending)
    if (!all) return null
    const rest = all.subarray(header.size)
    this.#pending = rest.length > 0 ? [rest] : []
    this.#length = rest.length
    return { type: header.type, body: all.subarray(header.headerSize, header.size) }
  }

  #peekHeader(): Header | null {
    let first = this.#pending[0]
    if (!first) return null
    if (first.length < 16 && this.#pending.length > 1) {
      first = Buffer.concat(this.#pending)
      this.#pending = [first]
    }
    const header = readHeader(first, 0)
    if (header && header.size > MAX_BOX_BYTES) {
      throw new BoxError(`a ${header.type} box of ${header.size} bytes is larger than ${MAX_BOX_BYTES}`)
    }
    return header
  }
}

interface Header {
  readonly type: string
  readonly headerSize: number
  /** Of the whole box with its header. */
  readonly size: number
}

/** ISO/IEC 14496-12, 4.2: 32-bit size, type, and a 64-bit size when the first is 1. Null when bytes are missing. */
function readHeader(bytes: Buffer, offset: number): Header | null {
  if (bytes.length < offset + 8) return null
  const type = bytes.toString('latin1', offset + 4, offset + 8)
  if (!/^[\x20-\x7e\xa9]{4}$/.test(type)) throw new BoxError('a box type is not printable: these bytes are no MP4')
  const short = bytes.readUInt32BE(offset)
  if (short === 0) throw new BoxError(`a ${type} box without an end cannot be streamed`)
  if (short !== 1) {
    if (short < 8) throw new BoxError(`a ${type} box of ${short} bytes is smaller than its header`)
    return { type, headerSize: 8, size: short }
  }
  if (bytes.length < offset + 16) return null
  const size = Number(bytes.readBigUInt64BE(offset + 8))
  if (size < 16) throw new BoxError(`a ${type} box of ${size} bytes is smaller than its header`)
  return { type, headerSize: 16, size }
}

/** The boxes inside a container box. @throws BoxError when they do not fill it exactly */
export function childBoxes(body: Buffer, from = 0): Box[] {
  const boxes: Box[] = []
  for (let offset = from; offset < body.length; ) {
    const header = readHeader(body, offset)
    if (!header || offset + header.size > body.length) throw new BoxError('a box is larger than the box around it')
    boxes.push({ type: header.type, body: body.subarray(offset + header.headerSize, offset + header.size) })
    offset += header.size
  }
  return boxes
}

/** The first descendant along a path of types, or null. @throws BoxError */
export function findBox(body: Buffer, ...path: string[]): Buffer | null {
  let current = body
  for (const type of path) {
    const found = childBoxes(current).find((box) => box.type === type)
    if (!found) return null
    current = found.body
  }
  return current
}
