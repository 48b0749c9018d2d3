/** In charge of `Range` requests (RFC 9110 14.2): reading the header and cutting the bytes out. No I/O. */

/** First and last byte, both included. */
interface ByteRange {
  readonly first: number
  readonly last: number
}

/**
 * The range a request wants of `size` bytes: null to send everything (no header, another unit, several ranges, or
 * nonsense: all of these may be ignored), `unsatisfiable` when it begins behind the end.
 */
export function parseByteRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | null {
  const [matched, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header ?? '') ?? []
  if (matched === undefined || (from === '' && to === '')) return null
  if (from === '') {
    const suffix = Number(to)
    return suffix === 0 || size === 0 ? 'unsatisfiable' : { first: Math.max(0, size - suffix), last: size - 1 }
  }
  const first = Number(from)
  const last = to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (first >= size) return 'unsatisfiable'
  return last < first ? null : { first, last }
}

/** Views (never copies) of the bytes of a range. */
export function sliceBuffers(buffers: readonly Buffer[], { first, last }: ByteRange): Buffer[] {
  const slices: Buffer[] = []
  let at = 0
  for (const buffer of buffers) {
    const from = Math.max(0, first - at)
    const to = Math.min(buffer.byteLength, last + 1 - at)
    if (from < to) slices.push(buffer.subarray(from, to))
    at += buffer.byteLength
  }
  return slices
}
