/** In charge of bytes that are kept: a stretch of a file, or what was made of such. */
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'

/** Bytes under a name that was looked up, never taken from a request. */
export interface StoredBytes {
  readonly size: number
  /** First and last byte, both included. Rejects when they were deleted meanwhile. The stream closes its file itself. */
  open(range?: { first: number; last: number }): Promise<Readable>
}

/** Of one read from the disk: what a slow reader holds in memory. */
const READ_BYTES = 128 * 1024

/** A stretch of a file. */
export function storedInFile(path: string, { offset, bytes }: { offset: number; bytes: number }): StoredBytes {
  return {
    size: bytes,
    async open({ first, last } = { first: 0, last: bytes - 1 }) {
      const file = await open(path, 'r')
      return file.createReadStream({ start: offset + first, end: offset + last, highWaterMark: READ_BYTES })
    },
  }
}

export function storedInMemory(bytes: Buffer): StoredBytes {
  const whole = { first: 0, last: bytes.length - 1 }
  return {
    size: bytes.length,
    open: async ({ first, last } = whole) => Readable.from([bytes.subarray(first, last + 1)]),
  }
}

/** Null for what is not there. Rejects when it was deleted meanwhile. */
export async function readWhole(stored: StoredBytes | null): Promise<Buffer | null> {
  return stored && buffer(await stored.open())
}
