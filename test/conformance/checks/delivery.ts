/** Checks of HTTP itself: coding, types, caching, ranges, cross-origin use. */
import { type Check, type Look, satisfies, snapshotsOf } from '../check.ts'
import { type Exchange, maxAge } from '../record/http.ts'
import type { ExchangeKind, Probe, ProbeName, Recording } from '../record/Record.ts'

/** What media may be called: Apple's HLS authoring specification, 10.4. */
const mediaTypes = /^(video|audio)\/(mp4|iso\.segment|mp2t|aac|mpeg|ac3|eac3)$/
const playlistTypes = /^application\/vnd\.apple\.mpegurl$|^audio\/mpegurl$/i
/** Seconds for which media with a name of its own must be cacheable at least; longest for what is missing. */
const LONG = 3600
const SHORT = 10
/** Target durations for which the answer to a blocking reload is cacheable: about six. */
const BLOCKING: readonly [least: number, most: number] = [4, 8]

export const deliveryChecks: readonly Check[] = [
  {
    name: 'delivery/gzip',
    rule: 'playlists are compressed for whoever accepts it and plain for others, and say Vary (6.2.1; authoring specification 10.1)',
    run: (recording, look) => {
      for (const { kind, exchange } of recording.exchanges) {
        if (kind === 'media' || kind === 'probe' || exchange.status !== 200) continue
        const coding = exchange.headers['content-encoding'] ?? 'none'
        look.expect(/^(gzip|br|zstd)$/.test(coding), exchange.url, () => `the coding is ${coding}`)
        look.expect(
          /accept-encoding/i.test(exchange.headers.vary ?? ''),
          exchange.url,
          () => 'no Vary: Accept-Encoding',
        )
      }
      for (const { exchange } of recording.probes.get('identity') ?? []) {
        const coding = exchange.headers['content-encoding']
        look.expect(coding === undefined, exchange.url, () => `${coding} for whoever wants it plain`)
      }
    },
  },
  type(
    'delivery/playlist-type',
    'playlists are application/vnd.apple.mpegurl (section 4; authoring specification 10.4)',
    ['multivariant', 'playlist', 'blocking'],
    playlistTypes,
  ),
  type(
    'delivery/media-type',
    'media is video/mp4 or another type of authoring specification 10.4',
    ['media'],
    mediaTypes,
  ),
  {
    name: 'delivery/playlist-caching',
    rule: 'a playlist that was not waited for is cacheable for half a target duration at most, or not at all (6.3.4)',
    run: (recording, look) => {
      const seen = snapshotsOf(recording).map(({ snapshot }) => snapshot)
      const target = seen[0]?.playlist.targetDuration ?? 0
      const ended = new Set(seen.filter(({ playlist }) => playlist.ended).map(({ exchange }) => exchange))
      for (const { kind, exchange } of recording.exchanges) {
        if ((kind !== 'playlist' && kind !== 'multivariant') || exchange.status !== 200) continue
        const control = exchange.headers['cache-control']
        const age = maxAge(exchange.headers)
        const short =
          control !== undefined &&
          (/no-(store|cache)/.test(control) || (age !== null && age <= Math.max(target / 2, 1)))
        // What has ended stays as it is.
        look.expect(short || ended.has(exchange), exchange.url, () => `Cache-Control: ${control}`)
      }
    },
  },
  {
    name: 'delivery/blocking-caching',
    rule: 'the answer to a blocking reload is cacheable for about six target durations: its URL is unique; one that waited in vain is not (B.1; delivery rules)',
    run: (recording, look) => {
      for (const { snapshot } of snapshotsOf(recording)) {
        const { asked, playlist, exchange } = snapshot
        if (!asked || playlist.ended) continue
        const age = maxAge(exchange.headers) ?? 0
        const [least, most] = satisfies(playlist, asked) ? BLOCKING : [0, 1]
        const right = age >= least * playlist.targetDuration && age <= most * playlist.targetDuration
        look.expect(right, exchange.url, () => `Cache-Control: ${exchange.headers['cache-control']}`)
      }
      if (look.examined === 0) look.skip('blocking reload is not offered')
    },
  },
  {
    name: 'delivery/media-caching',
    rule: 'media is cacheable for long: the bytes behind its URL never change (delivery rules)',
    run: (recording, look) => {
      for (const { kind, exchange } of recording.exchanges) {
        if (kind !== 'media' || (exchange.status !== 200 && exchange.status !== 206)) continue
        const control = exchange.headers['cache-control'] ?? ''
        const right = (maxAge(exchange.headers) ?? 0) >= LONG && !/no-(store|cache)|private/.test(control)
        look.expect(right, exchange.url, () => `Cache-Control: ${control}`)
      }
    },
  },
  probe(
    'delivery/missing',
    'missing',
    'what is not there is answered by 404, cacheable for ten seconds at most (6.2.6)',
    ({ exchange }) => {
      if (exchange.status !== 404) return `answered by ${exchange.status}`
      const age = maxAge(exchange.headers)
      const short = /no-(store|cache)/.test(exchange.headers['cache-control'] ?? '') || (age !== null && age <= SHORT)
      return short ? null : `Cache-Control: ${exchange.headers['cache-control']}`
    },
  ),
  {
    name: 'delivery/etag',
    rule: 'playlists and media have an ETag, and a request that names it is answered by 304 without a body (RFC 9110 13.1.2)',
    run: (recording, look) => {
      for (const { kind, exchange } of recording.exchanges) {
        if (kind === 'probe' || exchange.status !== 200) continue
        look.expect(exchange.headers.etag !== undefined, exchange.url, () => 'no ETag')
      }
      for (const name of ['media-unchanged', 'playlist-unchanged'] as const) {
        for (const { exchange } of recording.probes.get(name) ?? []) {
          const { status, headers, requestHeaders, size } = exchange
          // A live playlist may have changed since.
          const changed =
            name === 'playlist-unchanged' && status === 200 && headers.etag !== requestHeaders['if-none-match']
          look.expect(changed || (status === 304 && size === 0), exchange.url, () => `answered by ${status}`)
        }
      }
    },
  },
  probe(
    'delivery/ranges',
    'range',
    'a range of bytes is answered by 206, Content-Range and these bytes (RFC 9110 14)',
    ({ exchange }, recording) => {
      if (exchange.status !== 206) return `answered by ${exchange.status}`
      const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(exchange.headers['content-range'] ?? '') ?? []
      const whole = sizeOf(recording, exchange.url)
      if (Number(total) !== whole) return `Content-Range: ${exchange.headers['content-range']} of ${whole} bytes`
      const [from, to] = wantedRange(exchange.requestHeaders.range ?? '', whole)
      const right = Number(first) === from && Number(last) === to && exchange.size === to - from + 1
      return right ? null : `${exchange.requestHeaders.range} was answered by ${first}-${last}, ${exchange.size} bytes`
    },
  ),
  probe(
    'delivery/range-beyond',
    'range-unsatisfiable',
    'a range beyond the end is answered by 416 (RFC 9110 15.5.17)',
    ({ exchange }) => (exchange.status === 416 ? null : `answered by ${exchange.status}`),
  ),
  {
    name: 'delivery/cross-origin',
    rule: 'every answer, refusals too, may be read by any page, and a preflight for ranges is allowed (Fetch, 3.3)',
    run: (recording, look) => {
      for (const { exchange } of recording.exchanges) {
        const origin = exchange.headers['access-control-allow-origin']
        look.expect(origin === '*', exchange.url, () => `${exchange.status} with Access-Control-Allow-Origin ${origin}`)
      }
      for (const { exchange } of recording.probes.get('preflight') ?? []) {
        const allowed = `${exchange.headers['access-control-allow-headers']}`
        const good = exchange.status >= 200 && exchange.status < 300 && /range|\*/i.test(allowed)
        look.expect(good, exchange.url, () => `the preflight is answered by ${exchange.status}, allowed are ${allowed}`)
      }
    },
  },
  {
    name: 'delivery/no-redirects',
    rule: 'nothing is redirected (authoring specification 8.18)',
    run: (recording, look) => {
      for (const { exchange } of recording.exchanges) {
        const redirect = exchange.status >= 300 && exchange.status < 400 && exchange.status !== 304
        look.expect(!redirect, exchange.url, () => `${exchange.status} to ${exchange.headers.location}`)
      }
    },
  },
  {
    name: 'delivery/no-server-errors',
    rule: 'nothing is answered by 5xx, but by 503 while there is no packager (delivery rules)',
    run: (recording, look) => {
      for (const { exchange } of recording.exchanges) {
        look.expect(exchange.status < 500 || exchange.status === 503, exchange.url, () => `${exchange.status}`)
      }
    },
  },
]

function type(name: string, rule: string, kinds: readonly ExchangeKind[], allowed: RegExp): Check {
  const run = (recording: Recording, look: Look) => {
    for (const { kind, exchange } of recording.exchanges) {
      if (!kinds.includes(kind) || (exchange.status !== 200 && exchange.status !== 206)) continue
      const said = (exchange.headers['content-type'] ?? 'none').split(';')[0]?.trim() ?? ''
      look.expect(allowed.test(said), exchange.url, () => `Content-Type: ${said}`)
    }
  }
  return { name, rule, run }
}

function probe(
  name: string,
  wanted: ProbeName,
  rule: string,
  wrong: (probe: Probe, recording: Recording) => string | null,
): Check {
  const run = (recording: Recording, look: Look) => {
    const probes = recording.probes.get(wanted) ?? []
    if (probes.length === 0) look.skip('no segment was there to try it with')
    for (const one of probes) {
      const what = wrong(one, recording)
      look.expect(what === null, one.exchange.url, () => what ?? '')
    }
  }
  return { name, rule, run }
}

function sizeOf(recording: Recording, url: string): number {
  return (
    recording.exchanges.find(({ kind, exchange }) => kind === 'media' && isWhole(exchange, url))?.exchange.size ?? 0
  )
}

function isWhole({ url, status }: Exchange, wanted: string): boolean {
  return url === wanted && status === 200
}

/** First and last byte that a Range header asks for. */
function wantedRange(header: string, size: number): [first: number, last: number] {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? []
  if (first === '') return [Math.max(size - Number(last), 0), size - 1]
  return [Number(first), last === '' ? size - 1 : Math.min(Number(last), size - 1)]
}
