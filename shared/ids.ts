/** The forms of ids and keys. Making them is the server's business; both sides check them. */
import * as v from 'valibot'

/** 16 base64url characters: 96 random bits, so that a broadcast cannot be guessed. */
export const broadcastIdSchema = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{16}$/))

/** 32 base64url characters: 192 random bits; shown once, stored as a hash. */
export const publishKeySchema = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{32}$/))

/** 22 base64url characters: 132 random bits; lets a viewer whose socket dropped take up the same seat. */
export const viewerSessionSchema = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22}$/))

/** mediasoup's ids are UUIDs. */
export const mediaIdSchema = v.pipe(v.string(), v.uuid())
