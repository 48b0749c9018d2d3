/** Every setting there is: declared once, parsed once, all problems reported together. Nothing else reads the environment. */
import { availableParallelism } from 'node:os'
import { flag, integer, list, number, oneOf, optionalText, type Setting, secret, text } from './lib/settings.ts'
import { packagingSettings } from './packagingSettings.ts'

/** Declarations by the name the code uses; `name` is the environment variable. The README's table is held equal by a test. */
export const settings = {
  port: integer('PORT', {
    default: 8080,
    min: 0,
    max: 65535,
    meaning: 'Port of pages, API, signaling and HLS; 0 takes a free one.',
  }),
  host: text('HOST', { default: '::', meaning: 'Address to listen on; `::` is every interface, IPv4 included.' }),
  publicUrl: optionalText('PUBLIC_URL', {
    pattern: /^https?:\/\/[^/?#\s]+$/,
    accepts: 'an origin such as https://live.example.org',
    meaning: 'Origin that shared links begin with; without it the address on the network.',
  }),
  dataDir: text('DATA_DIR', { default: '.data', meaning: 'Folder of what outlives a restart.' }),
  announcedAddress: optionalText('NEARCAST_ANNOUNCED_ADDRESS', {
    pattern: /^[A-Za-z0-9.:-]+$/,
    accepts: 'an IP address or a host name',
    meaning: 'Address browsers send media to; without it every non-internal address of the machine and 127.0.0.1.',
  }),
  rtcPort: integer('NEARCAST_RTC_PORT', {
    default: 44400,
    min: 1024,
    max: 65000,
    meaning: 'First port of WebRTC media, UDP and TCP; each worker takes the next one.',
  }),
  workers: integer('NEARCAST_WORKERS', {
    default: availableParallelism(),
    defaultText: 'one a core',
    min: 1,
    max: 64,
    meaning: 'Media workers.',
  }),
  tlsCert: optionalText('NEARCAST_TLS_CERT', {
    accepts: 'a file name',
    meaning: 'PEM certificate chain; with the key, HTTPS is served directly.',
  }),
  tlsKey: optionalText('NEARCAST_TLS_KEY', { accepts: 'a file name', meaning: 'PEM private key of the certificate.' }),
  trustProxy: flag('NEARCAST_TRUST_PROXY', {
    default: false,
    meaning: 'Take client addresses and the scheme from X-Forwarded-* headers.',
  }),
  logLevel: oneOf('NEARCAST_LOG_LEVEL', ['fatal', 'error', 'warn', 'info', 'debug', 'trace'], {
    default: 'info',
    meaning: 'Lowest level that is logged.',
  }),
  create: oneOf('NEARCAST_CREATE', ['auto', 'open', 'token'], {
    default: 'auto',
    meaning: 'Who may create broadcasts; `auto` is open while every address listened on is private, token otherwise.',
  }),
  createToken: secret('NEARCAST_CREATE_TOKEN', {
    meaning: 'Token that creating asks for; made and kept under DATA_DIR when needed and not set.',
  }),
  operatorToken: secret('NEARCAST_OPERATOR_TOKEN', {
    meaning:
      'Opens the operator API and /metrics; without it the API is off and /metrics answers private addresses only.',
  }),
  embedOrigins: list('NEARCAST_EMBED_ORIGINS', {
    pattern: /^https?:\/\/[^/?#\s]+$/,
    accepts: 'origins, separated by commas',
    meaning: 'Pages that may embed the player; none listed means any.',
  }),
  gracePeriod: number('NEARCAST_GRACE_PERIOD', {
    default: 30,
    min: 1,
    max: 3600,
    unit: 's',
    meaning: 'How long a broadcast whose source is gone waits for it.',
  }),
  joinDeadline: number('NEARCAST_JOIN_DEADLINE', {
    default: 10,
    min: 1,
    max: 120,
    unit: 's',
    meaning: 'Time between connecting and joining.',
  }),
  maxBroadcasts: integer('NEARCAST_MAX_BROADCASTS', {
    default: 100,
    min: 1,
    max: 10_000,
    meaning: 'Broadcasts live or interrupted at once.',
  }),
  maxViewers: integer('NEARCAST_MAX_VIEWERS', {
    default: 10_000,
    min: 1,
    max: 1_000_000,
    meaning: 'Viewer sessions of one broadcast.',
  }),
  maxSeats: integer('NEARCAST_MAX_SEATS', {
    default: 300,
    min: 0,
    max: 100_000,
    meaning: 'Viewers on WebRTC of one broadcast; the next ones get HTTP delivery.',
  }),
  maxMseSeats: integer('NEARCAST_MAX_MSE_SEATS', {
    default: 500,
    min: 0,
    max: 100_000,
    meaning: 'Viewers on MSE over WebSocket of one broadcast; the next ones get HLS.',
  }),
  workerLoad: integer('NEARCAST_WORKER_LOAD', {
    default: 85,
    min: 1,
    max: 100,
    unit: '%',
    meaning: 'Share of a core from which on a media worker takes no further viewers; they get HTTP delivery meanwhile.',
  }),
  connectionsPerAddress: integer('NEARCAST_CONNECTIONS_PER_ADDRESS', {
    default: 200,
    min: 1,
    max: 100_000,
    meaning: 'Signaling connections from one address, and as many for MSE.',
  }),
  maxMseSockets: integer('NEARCAST_MAX_MSE_SOCKETS', {
    default: 1000,
    min: 0,
    max: 100_000,
    meaning: 'Viewers on MSE over WebSocket, of all broadcasts; the next ones get HLS.',
  }),
  maxHeld: integer('NEARCAST_MAX_HELD', {
    default: 10_000,
    min: 1,
    max: 1_000_000,
    meaning: 'HTTP requests held at once until the next part is there; a low-latency viewer has two to four.',
  }),
  maxHeldPerAddress: integer('NEARCAST_MAX_HELD_PER_ADDRESS', {
    default: 2_000,
    min: 1,
    max: 1_000_000,
    meaning: 'The same of one address, behind which there may be a whole company.',
  }),
  requestRate: number('NEARCAST_REQUEST_RATE', {
    default: 20,
    min: 1,
    max: 10_000,
    unit: '1/s',
    meaning: 'API writes and signaling messages a client may go on making; bursts of five times as many.',
  }),
  chatRate: number('NEARCAST_CHAT_RATE', {
    default: 0.5,
    min: 0.01,
    max: 100,
    unit: '1/s',
    meaning: 'Chat messages a viewer may go on writing; bursts of five.',
  }),
  chatHistory: integer('NEARCAST_CHAT_HISTORY', {
    default: 200,
    min: 1,
    max: 1000,
    meaning: 'Chat messages of a broadcast that are kept, in memory, for who comes later.',
  }),
  maxIncomingBitrate: integer('NEARCAST_MAX_INCOMING_BITRATE', {
    default: 10_000_000,
    min: 100_000,
    max: 100_000_000,
    unit: 'bit/s',
    meaning: 'What one broadcaster may send.',
  }),
  keyFrameRequestDelay: integer('NEARCAST_KEY_FRAME_REQUEST_DELAY', {
    default: 250,
    min: 0,
    max: 5000,
    unit: 'ms',
    meaning: 'Shortest time between two key-frame requests to a broadcaster.',
  }),
  ...packagingSettings,
  retention: integer('NEARCAST_RETENTION', {
    default: 30,
    min: 1,
    max: 3650,
    unit: 'days',
    meaning: 'How long a broadcast that is not live keeps its link.',
  }),
  turnUrls: list('NEARCAST_TURN_URLS', {
    pattern: /^turns?:[^\s,?]+(\?transport=(udp|tcp))?$/,
    accepts: 'turn: or turns: URLs, separated by commas',
    meaning: 'TURN servers that clients are told of.',
  }),
  stunUrls: list('NEARCAST_STUN_URLS', {
    pattern: /^stuns?:[^\s,?]+$/,
    accepts: 'stun: URLs, separated by commas',
    meaning: 'STUN servers that clients are told of.',
  }),
  turnSecret: secret('NEARCAST_TURN_SECRET', {
    meaning: 'Secret shared with coturn (`static-auth-secret`), at least 32 characters.',
  }),
  turnTtl: integer('NEARCAST_TURN_TTL', {
    default: 600,
    min: 60,
    max: 86_400,
    unit: 's',
    meaning: 'Life of TURN credentials.',
  }),
} as const satisfies Record<string, Setting<unknown>>

type Settings = typeof settings

/** All settings, parsed. */
export type Config = { readonly [Key in keyof Settings]: Settings[Key] extends Setting<infer T> ? T : never }

/** Raised at start with every problem found, a line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`The settings cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/**
 * Parses the environment. Throws ConfigError with all problems: bad values, unknown `NEARCAST_` names (those under
 * `NEARCAST_TEST_` belong to the test suite), and settings that do not go together.
 */
export function parseConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const problems: string[] = []
  const parsed: Record<string, unknown> = {}
  for (const [key, setting] of Object.entries<Setting<unknown>>(settings)) {
    const result = setting.parse(environment[setting.name]?.trim() || undefined)
    if (result.ok) parsed[key] = result.value
    else problems.push(`${setting.name}: ${result.problem}`)
  }
  const known = new Set<string>(Object.values(settings).map((setting) => setting.name))
  for (const name of Object.keys(environment)) {
    if (!name.startsWith('NEARCAST_') || name.startsWith('NEARCAST_TEST_') || known.has(name)) continue
    problems.push(`${name}: there is no such setting`)
  }
  if (problems.length > 0) throw new ConfigError(problems)
  // Every declared key was parsed above, each by its own declaration.
  const config = parsed as Config
  problems.push(...contradictions(config))
  if (problems.length > 0) throw new ConfigError(problems)
  return config
}

function contradictions(config: Config): string[] {
  const problems: string[] = []
  if ((config.tlsCert === null) !== (config.tlsKey === null)) {
    problems.push('NEARCAST_TLS_CERT and NEARCAST_TLS_KEY: set both or neither')
  }
  if (config.turnUrls.length > 0 && config.turnSecret === null) {
    problems.push('NEARCAST_TURN_SECRET: needed with NEARCAST_TURN_URLS')
  }
  if (config.turnSecret !== null && config.turnSecret.length < 32) {
    problems.push('NEARCAST_TURN_SECRET: at least 32 characters; make one with `openssl rand -hex 32`')
  }
  if (config.rtcPort + config.workers > 65536) {
    problems.push('NEARCAST_RTC_PORT: no room for a port a worker')
  }
  if (config.tapPort + config.tapPortCount > 65536) {
    problems.push('NEARCAST_TAP_PORT: no room for NEARCAST_TAP_PORT_COUNT ports')
  }
  return problems
}
