/**
 * In charge of one viewer of the capacity bench, as hls.js in low latency mode loads: the lowest rung and its sound, for
 * each one blocking playlist request under way all the time and the parts as they are listed, on connections of their own.
 */
import { dirname } from 'node:path/posix'
import { gunzipSync } from 'node:zlib'
import { HttpConnection, type Reply } from './HttpConnection.ts'
import { type LiveEdge, lowestRung, readLiveEdge } from './livePlaylist.ts'

export interface ClientOptions {
  readonly host: string
  readonly port: number
  /** Address of this machine that this viewer comes from. */
  readonly from: string
  /** Path of the multivariant playlist, with its query. */
  readonly path: string
  readonly playlists: SharedPlaylists
  /** The last byte of a part is there; `path` is that of its URL. */
  onPart(path: string): void
  /** Something that no viewer should meet. */
  onError(why: string): void
}

/** Playlists by entity tag, each unpacked and read once for all viewers, so that the generator stays light. */
export class SharedPlaylists {
  readonly #edges = new Map<string, LiveEdge>()

  has(tag: string): boolean {
    return this.#edges.has(tag)
  }

  /** `body` is null for what is known. */
  read({ head, body }: Reply, tag: string): LiveEdge {
    const known = this.#edges.get(tag)
    if (known) return known
    if (!body) throw new Error(`no body for ${tag}`)
    const edge = readLiveEdge(textOf(head, body))
    this.#edges.set(tag, edge)
    // A handful of versions is asked for at any time.
    if (this.#edges.size > 256) for (const oldest of [...this.#edges.keys()].slice(0, 128)) this.#edges.delete(oldest)
    return edge
  }
}

export class LowLatencyClient {
  readonly #options: ClientOptions
  readonly #connections: HttpConnection[] = []
  #closed = false

  /** Begins at once. */
  constructor(options: ClientOptions) {
    this.#options = options
    const first = this.#connect()
    first.get(options.path, all, (reply) => {
      if (reply.status !== 200 || !reply.body) return this.#fail(`the multivariant playlist: ${reply.status}`)
      const rung = lowestRung(textOf(reply.head, reply.body))
      const folder = dirname(options.path.replace(/\?.*/, ''))
      this.#follow(`${folder}/${rung.video}`, first)
      this.#follow(`${folder}/${rung.audio}`, this.#connect())
    })
  }

  close(): void {
    this.#closed = true
    for (const connection of this.#connections) connection.close()
  }

  /** Loads one media playlist and its parts for as long as the viewer is there. */
  #follow(playlist: string, connection: HttpConnection): void {
    const parts = new PartLoader(dirname(playlist), this.#connect(), this.#options.onPart, (why) => this.#fail(why))
    const ask = (query: string) => {
      const url = `${playlist}${query}`
      connection.get(
        url,
        (head) => !this.#options.playlists.has(tagOf(url, head)),
        (reply) => {
          if (reply.status !== 200) return this.#fail(`${url}: ${reply.status}`)
          const edge = this.#options.playlists.read(reply, tagOf(url, reply.head))
          const { msn, part } = edge.next
          ask(`?_HLS_msn=${msn}&_HLS_part=${part}&_HLS_skip=YES`)
          parts.take(edge)
        },
      )
    }
    ask('')
  }

  #connect(): HttpConnection {
    const { host, port, from } = this.#options
    const connection = new HttpConnection({ host, port, from, onBroken: (why) => this.#fail(why) })
    this.#connections.push(connection)
    return connection
  }

  #fail(why: string): void {
    if (this.#closed) return
    this.close()
    this.#options.onError(why)
  }
}

/** Loads what is listed and new, in order. */
class PartLoader {
  readonly #folder: string
  readonly #connection: HttpConnection
  readonly #onPart: (path: string) => void
  readonly #onError: (why: string) => void
  readonly #queue: string[] = []
  #newest: string | null = null
  #map: string | null = null

  constructor(
    folder: string,
    connection: HttpConnection,
    onPart: (path: string) => void,
    onError: (why: string) => void,
  ) {
    this.#folder = folder
    this.#connection = connection
    this.#onPart = onPart
    this.#onError = onError
  }

  /** The parts of the first playlist are not loaded: a viewer begins with what comes next. */
  take({ parts, map }: LiveEdge): void {
    if (map !== null && map !== this.#map) {
      this.#map = map
      this.#queue.push(map)
    }
    const known = this.#newest === null ? parts.length - 1 : parts.lastIndexOf(this.#newest)
    if (this.#newest !== null && known < 0) {
      this.#onError('a part left the playlist before it was read here')
      return
    }
    this.#queue.push(...parts.slice(known + 1))
    this.#newest = parts.at(-1) ?? null
    this.#load()
  }

  #load(): void {
    if (this.#connection.busy) return
    const name = this.#queue.shift()
    if (name === undefined) return
    const path = `${this.#folder}/${name}`
    this.#connection.get(path, none, ({ status }) => {
      if (status !== 200) {
        this.#onError(`${path}: ${status}`)
        return
      }
      if (name !== this.#map) this.#onPart(path)
      this.#load()
    })
  }
}

const all = () => true
const none = () => false

/** What a playlist is known by: its entity tag, which is the same for delta and full update. */
function tagOf(url: string, head: string): string {
  const tag = /\r\netag: *(.+)/i.exec(head)?.[1] ?? ''
  return url.includes('_HLS_skip') ? `${tag} skip` : tag
}

function textOf(head: string, body: Buffer): string {
  return (/\r\ncontent-encoding: *gzip/i.test(head) ? gunzipSync(body) : body).toString()
}
