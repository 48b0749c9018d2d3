/** What the processes of the capacity bench say to each other. */

/** How the bench starts the origin. */
export interface OriginTask {
  readonly clip: string
  /** How many it has to take. */
  readonly clients: number
  /** Clients are told apart by what the proxy in front says. */
  readonly behindProxy: boolean
}

/** From the origin once, when players find something to play. */
export interface OriginReady {
  readonly kind: 'ready'
  readonly port: number
  /** Path of the multivariant playlist. */
  readonly path: string
  readonly ffmpegPid: number
}

/** When a part was born: its path, and milliseconds since the Unix epoch. */
export type Birth = readonly [path: string, at: number]

/** From the origin, once for each part of what the clients load. */
export interface OriginBirths {
  readonly kind: 'births'
  readonly births: readonly Birth[]
}

export interface GeneratorTask {
  readonly port: number
  readonly path: string
  readonly clients: number
  /** Milliseconds over which they come. */
  readonly over: number
}

/** To the generator: `measure` begins to keep arrivals, `report` asks for them. */
export type GeneratorOrder = 'measure' | 'report'

/** From the generator, once all clients have come. */
export interface GeneratorReady {
  readonly kind: 'all there'
}

export interface GeneratorReport {
  readonly kind: 'report'
  /** Path of a part, and when its last byte came to each client that got it. */
  readonly arrivals: readonly (readonly [path: string, at: readonly number[]])[]
  /** Clients that failed, and why the first of them did. */
  readonly failed: number
  readonly failure: string | null
}

export type FromOrigin = OriginReady | OriginBirths
export type FromGenerator = GeneratorReady | GeneratorReport
