/** In charge of ids and secrets: making them, hashing them, and comparing them without telling how much was right. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 96 random bits as 16 base64url characters: a broadcast cannot be guessed. */
export function newBroadcastId(): string {
  return randomBytes(12).toString('base64url')
}

/** 192 random bits as 32 base64url characters. Shown once; only its hash is kept. */
export function newPublishKey(): string {
  return randomBytes(24).toString('base64url')
}

/** 132 random bits as 22 base64url characters. */
export function newViewerSession(): string {
  return randomBytes(17).toString('base64url').slice(0, 22)
}

/**
 * SHA-256 of a key, 32 bytes. A slow password hash would buy nothing: it protects secrets that can be guessed, and
 * 192 random bits cannot, while a slow one would let anybody burn our processor with wrong keys.
 */
export function hashKey(key: string): Buffer {
  return createHash('sha256').update(key, 'utf8').digest()
}

/** Whether the key has this hash, in time that does not depend on the key. */
export function keyMatches(key: string, hash: Uint8Array): boolean {
  return hash.byteLength === 32 && timingSafeEqual(hashKey(key), hash)
}

/** Whether two secrets of any length are equal, in time that depends on neither: their hashes are what is compared. */
export function secretsEqual(given: string, expected: string): boolean {
  return timingSafeEqual(hashKey(given), hashKey(expected))
}
