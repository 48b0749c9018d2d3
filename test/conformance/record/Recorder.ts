/** In charge of a whole recording: finds the renditions, follows each, and looks for new ones now and then. */
import { setTimeout as pause } from 'node:timers/promises'
import { isMultivariant, parseMultivariant } from '../playlist/multivariant.ts'
import { Follower } from './Follower.ts'
import { type Answer, HttpClient } from './http.ts'
import { probeLast, probeMedia, probePlaylist } from './probes.ts'
import { emptyRecording, note, type Recording, type RenditionRecord, resolveUrl, withoutQuery } from './Record.ts'

/** Milliseconds between two looks at the multivariant playlist while there is one, and while there is none. */
const LOOK_AGAIN = 4000
const RETRY = 500
/** How many versions of a playlist, and segments, are to be seen before the probes begin: some ask for older segments. */
const [PROBE_AFTER, PROBE_SEGMENTS] = [4, 3]
/** How many versions are enough without them. */
const PROBE_ANYWAY = 40
/** Milliseconds for requests that are still to be made when the time is over. */
const LAST_WORDS = 20_000

export interface RecordOptions {
  /** How long to record, in seconds; some more when the requests that no player makes are not through by then. */
  readonly seconds: number
  /** Ends the recording early, with what is there. */
  readonly signal?: AbortSignal | undefined
}

/** Records what a server sends. Ends sooner when all playlists ended. Resolves also when nothing ever came. */
export async function record(url: string, { seconds, signal }: RecordOptions): Promise<Recording> {
  const http = new HttpClient()
  const stop = new AbortController()
  const over = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal
  const recording = emptyRecording(url)
  const followers = new Map<string, Follower>()
  let timer: NodeJS.Timeout | null = null
  try {
    const probing = probe(recording, http, over)
    timer = setTimeout(() => {
      // Requests that show how a server answers need playlists that are followed; they are given time to end.
      const seen = [...recording.renditions.values()].some(({ snapshots }) => snapshots.length > 0)
      timer = setTimeout(() => stop.abort(), seen ? LAST_WORDS : 0)
      void probing.then(() => stop.abort())
    }, seconds * 1000)
    await lookAgainAndAgain(recording, followers, http, over, () => stop.abort())
    await Promise.all([...followers.values()].map((follower) => follower.done()))
    await probing
    await probeLast(recording, http, AbortSignal.timeout(LAST_WORDS))
    return recording
  } finally {
    if (timer) clearTimeout(timer)
    stop.abort()
    http.close()
  }
}

async function lookAgainAndAgain(
  recording: Recording,
  followers: Map<string, Follower>,
  http: HttpClient,
  signal: AbortSignal,
  finish: () => void,
): Promise<void> {
  while (!signal.aborted) {
    const answer = await http.send(recording.url, { headers: { 'accept-encoding': 'gzip' }, signal })
    if (answer.exchange.status > 0) note(recording, 'multivariant', answer.exchange)
    const found = answer.exchange.status === 200
    if (found) for (const one of renditionsOf(recording, answer)) start(recording, followers, one, http, signal)
    const all = [...followers.values()]
    if (all.length > 0 && all.every(({ ended }) => ended)) finish()
    await pause(found ? LOOK_AGAIN : RETRY, undefined, { signal }).catch(() => {})
  }
}

type Found = Pick<RenditionRecord, 'name' | 'url' | 'role'>

function renditionsOf(recording: Recording, { exchange, body }: Answer): Found[] {
  const text = body.toString()
  if (!isMultivariant(text)) return [{ name: nameOf(recording.url, recording.url), url: recording.url, role: 'media' }]
  const playlist = parseMultivariant(text)
  const last = recording.multivariants.at(-1)?.playlist
  if (JSON.stringify(last) === JSON.stringify(playlist)) recording.multivariants.pop()
  recording.multivariants.push({ exchange, playlist })
  const media = [...playlist.variants, ...playlist.renditions].flatMap(({ uri }) => (uri === null ? [] : [uri]))
  const found = (uri: string, role: Found['role']): Found => {
    const url = resolveUrl(uri, exchange.url)
    return { name: nameOf(url, recording.url), url, role }
  }
  return [...media.map((uri) => found(uri, 'media')), ...playlist.iFrames.map(({ uri }) => found(uri, 'i-frames'))]
}

function start(
  recording: Recording,
  followers: Map<string, Follower>,
  found: Found,
  http: HttpClient,
  signal: AbortSignal,
): void {
  const key = withoutQuery(found.url)
  if (followers.has(key)) return
  const rendition: RenditionRecord = {
    ...found,
    snapshots: [],
    segments: new Map(),
    parts: [],
    inits: new Map(),
    hints: [],
    deltas: [],
    outages: [],
  }
  recording.renditions.set(key, rendition)
  followers.set(key, Follower.create(recording, rendition, http, signal))
}

/** The path behind the folder of the first playlist. */
function nameOf(url: string, first: string): string {
  const folder = withoutQuery(first).replace(/[^/]*$/, '')
  const path = withoutQuery(url)
  return path.startsWith(folder) ? path.slice(folder.length) : path
}

/** Waits until a rendition is known well enough, and makes the requests that no player makes, once. */
async function probe(recording: Recording, http: HttpClient, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const known = [...recording.renditions.values()].find(
      ({ role, snapshots, segments }) =>
        role === 'media' &&
        ((snapshots.length >= PROBE_AFTER && segments.size >= PROBE_SEGMENTS) || snapshots.length >= PROBE_ANYWAY) &&
        [...segments.values()].some(({ file }) => file?.facts),
    )
    if (known) {
      await probeMedia(recording, known, http, signal)
      await probePlaylist(recording, known, http, signal)
      return
    }
    await pause(RETRY, undefined, { signal }).catch(() => {})
  }
}
