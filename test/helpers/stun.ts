/** In charge of STUN messages (RFC 8489) and the few TURN attributes (RFC 8656) that tests of coturn need. */
import { createHash, createHmac, randomBytes } from 'node:crypto'

const cookie = 0x2112a442

/** Request methods; RFC 8489 section 18.2 and RFC 8656 section 17. */
export const methods = { binding: 0x001, allocate: 0x003, refresh: 0x004, createPermission: 0x008 } as const

/** Attribute types that are used here. */
export const attributes = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  requestedTransport: 0x0019,
  xorMappedAddress: 0x0020,
  software: 0x8022,
} as const

/** An answer as it came from the wire. */
export interface StunAnswer {
  transaction: string
  /** Undefined for a success, else the code, for example 401. */
  error: number | undefined
  attributes: Map<number, Buffer>
}

/** Long-term credentials (RFC 8489 section 9.2). */
export interface StunCredentials {
  username: string
  password: string
  realm: string
  nonce: Buffer
}

/** Builds a request, signed when credentials are given. Returns it with its transaction id. */
export function buildRequest(
  method: number,
  list: [type: number, value: Buffer][],
  credentials?: StunCredentials,
): { bytes: Buffer; transaction: string } {
  const transaction = randomBytes(12)
  const all = [...list]
  if (credentials) {
    all.push([attributes.username, Buffer.from(credentials.username)])
    all.push([attributes.realm, Buffer.from(credentials.realm)])
    all.push([attributes.nonce, credentials.nonce])
  }
  const body = Buffer.concat(all.map(([type, value]) => attribute(type, value)))
  // The integrity covers a header whose length already counts the integrity attribute itself (24 bytes).
  const message = Buffer.concat([header(method, body.length + (credentials ? 24 : 0), transaction), body])
  if (!credentials) return { bytes: message, transaction: transaction.toString('hex') }
  const { username, realm, password } = credentials
  const key = createHash('md5').update(`${username}:${realm}:${password}`).digest()
  const signature = createHmac('sha1', key).update(message).digest()
  const bytes = Buffer.concat([message, attribute(attributes.messageIntegrity, signature)])
  return { bytes, transaction: transaction.toString('hex') }
}

/** Reads an answer; undefined when the bytes are no STUN answer. */
export function parseAnswer(bytes: Buffer): StunAnswer | undefined {
  if (bytes.length < 20 || bytes.readUInt32BE(4) !== cookie || (bytes.readUInt16BE(0) & 0x0100) === 0) return undefined
  const found = new Map<number, Buffer>()
  for (let at = 20; at + 4 <= bytes.length; ) {
    const [type, length] = [bytes.readUInt16BE(at), bytes.readUInt16BE(at + 2)]
    found.set(type, bytes.subarray(at + 4, at + 4 + length))
    at += 4 + Math.ceil(length / 4) * 4
  }
  const code = found.get(attributes.errorCode)
  const error = code && code.length >= 4 ? (code[2] ?? 0) * 100 + (code[3] ?? 0) : undefined
  return { transaction: bytes.subarray(8, 20).toString('hex'), error, attributes: found }
}

/** Value of an XOR address attribute for an IPv4 address. */
export function xorAddress(address: string, port: number): Buffer {
  const value = Buffer.alloc(8)
  value.writeUInt8(1, 1)
  value.writeUInt16BE(port ^ (cookie >>> 16), 2)
  const number = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)
  value.writeUInt32BE((number ^ cookie) >>> 0, 4)
  return value
}

function header(method: number, length: number, transaction: Buffer): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt16BE(method, 0)
  bytes.writeUInt16BE(length, 2)
  bytes.writeUInt32BE(cookie, 4)
  return Buffer.concat([bytes, transaction])
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(type, 0)
  head.writeUInt16BE(value.length, 2)
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)])
}
