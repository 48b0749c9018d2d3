/** What a server can do wrong: for each check the faults that it must find, one by one. */
import type { Asked, Fault } from '../../helpers/hlsOrigin/Origin.ts'

interface Case {
  /** The check that must complain. */
  readonly check: string
  readonly fault: Fault
  /** Seconds of recording; 3.2 by default. */
  readonly seconds?: number
}

type Text = (text: string, asked: Asked) => string
type Bytes = (bytes: Buffer, asked: Asked) => Buffer

/** A fault in the texts of some playlists. */
const text = (check: string, names: RegExp, change: Text): Case => ({
  check,
  fault: { playlist: (whole, asked) => (names.test(asked.name) ? change(whole, asked) : whole) },
})
const replaced = (check: string, names: RegExp, what: RegExp, by: string): Case =>
  text(check, names, (whole) => whole.replace(what, by))
/** A fault in some files. */
const file = (check: string, names: RegExp, change: Bytes): Case => ({
  check,
  fault: { file: (bytes, asked) => (names.test(asked.name) ? change(bytes, asked) : bytes) },
})
const header = (check: string, kinds: RegExp, name: string, value: string): Case => ({
  check,
  fault: { headers: ({ kind }) => (kinds.test(kind) ? { [name]: value } : {}) },
})
const late = (check: string, status: number, kinds: RegExp): Case => ({
  check,
  fault: { delay: ({ kind }, answered) => (answered === status && kinds.test(kind) ? 400 : 0) },
})

const all = /^(v0|v1|audio)$/
const edited = (bytes: Buffer, edit: (copy: Buffer) => void): Buffer => {
  const copy = Buffer.from(bytes)
  edit(copy)
  return copy
}

export const cases: readonly Case[] = [
  replaced('multivariant/syntax', /^index$/, /(#EXT-X-VERSION:6\n)/, '$1$1'),
  replaced('multivariant/syntax', /^index$/, /AUDIO="sound"/, 'AUDIO="nothing"'),
  replaced('multivariant/codecs', /^index$/, /avc1\.42c00d/, 'avc1.42e01f'),
  replaced('multivariant/codecs', /^index$/, /avc1\.42c00d,/, ''),
  replaced('multivariant/resolution', /^index$/, /854x480/, '852x480'),
  replaced('multivariant/frame-rate', /^index$/, /25\.000/, '60.000'),
  replaced('multivariant/bandwidth', /^index$/, /BANDWIDTH=170000/, 'BANDWIDTH=90000'),
  replaced('multivariant/average-bandwidth', /^index$/, /AVERAGE-BANDWIDTH=\d+,/, ''),
  replaced('multivariant/independent-segments', /^index$/, /#EXT-X-INDEPENDENT-SEGMENTS\n/, ''),
  replaced('multivariant/audio-rendition', /^index$/, /25\.000,AUDIO="sound"/, '25.000'),
  replaced('multivariant/audio-language', /^index$/, /LANGUAGE="en",/, ''),
  replaced('multivariant/audio-only-variant', /^index$/, /BANDWIDTH=70000/, 'BANDWIDTH=250000'),
  replaced('i-frames/present', /^index$/, /#EXT-X-I-FRAME-STREAM-INF.*\n/, ''),
  replaced('i-frames/ranges', /^iframes$/, /#EXT-X-I-FRAMES-ONLY\n/, ''),
  text('i-frames/ranges', /^iframes$/, (whole) => whole.replaceAll(/:(\d+)@0/g, ':$1@$1')),
  replaced('playlist/syntax', /^v1$/, /(#EXT-X-TARGETDURATION:1\n)/, '$1$1'),
  replaced('playlist/syntax', /^v1$/, /#EXTINF:0\.8/, '#EXTINF:soon'),
  replaced('playlist/version', /^v1$/, /VERSION:6/, 'VERSION:3'),
  replaced('playlist/map', /^v1$/, /#EXT-X-MAP.*init0.*\n/, ''),
  replaced('playlist/same-target-duration', /^audio$/, /TARGETDURATION:1/, 'TARGETDURATION:2'),
  text('playlist/within-target', /^v1$/, (whole) => whole.replaceAll('EXTINF:0.8', 'EXTINF:1.8')),
  { check: 'playlist/six-segments', fault: { window: { window: 4 } } },
  text('playlist/program-date-time', /^audio$/, (whole) => whole.replaceAll(/#EXT-X-PROGRAM-DATE-TIME.*\n/g, '')),
  replaced('playlist/discontinuity-sequence', /^v1$/, /#EXT-X-DISCONTINUITY-SEQUENCE.*\n/, ''),
  replaced('playlist/no-type', /^v1$/, /(#EXT-X-TARGETDURATION:1\n)/, '$1#EXT-X-PLAYLIST-TYPE:EVENT\n'),
  text('changes/media-sequence', /^v1$/, (whole, { tick }) =>
    whole.replace(/(MEDIA-SEQUENCE:)(\d+)/, (_, tag, msn) => `${tag}${Number(msn) + (tick % 3)}`),
  ),
  { ...replaced('changes/discontinuity-sequence', all, /(DISCONTINUITY-SEQUENCE:)\d+/, '$10'), seconds: 5 },
  text('changes/nothing-rewritten', /^v1$/, (whole, { tick }) =>
    whole.replaceAll('EXTINF:0.8', `EXTINF:0.8${tick % 9}`),
  ),
  text('changes/nothing-rewritten', /^v1$/, (whole, { tick }) =>
    whole.replaceAll(/\.2(\d*),URI/g, `.2$1${tick % 9},URI`),
  ),
  file('changes/nothing-rewritten', /^\w+\/\d+\.m4s$/, (bytes, { count }) =>
    edited(bytes, (copy) => copy.writeUInt8(count % 251, copy.length - 1)),
  ),
  { check: 'changes/media-sequence', fault: { stop: { after: 10, ended: true } } },
  text('changes/nothing-rewritten', /^v1$/, (whole, { tick }) =>
    whole.replaceAll(/"v1\/(\d+\.\d)/g, `"v1/x${tick % 2}/$1`),
  ),
  text('changes/header-stays', /^v1$/, (whole, { tick }) =>
    whole.replace('HOLD-BACK=3', `HOLD-BACK=${3 + (tick % 2)}`),
  ),
  text('changes/endlist', /^v1$/, (whole, { tick }) => (tick > 84 ? `${whole}#EXT-X-ENDLIST\n` : whole)),
  replaced('changes/discontinuities-agree', /^audio$/, /#EXT-X-DISCONTINUITY\n/, ''),
  text('changes/new-init-breaks', /./, (whole) => whole.replace(/#EXT-X-DISCONTINUITY\n/, '')),
  { check: 'media/available', fault: { status: ({ name }, status) => (/^v1\/\d+\.m4s$/.test(name) ? 404 : status) } },
  file('media/readable', /^v1\/\d+\.m4s$/, (bytes) => bytes.subarray(0, -10)),
  file('media/avc1', /^v1\/init/, (bytes) => edited(bytes, (copy) => copy.write('avc3', copy.indexOf('avc1')))),
  file('media/avc1', /^v1\/\d+\./, (bytes) =>
    edited(bytes, (copy) => copy.writeUInt8(0x67, copy.indexOf(0x65, copy.indexOf('mdat')))),
  ),
  { check: 'media/begins-with-idr', fault: { show: { noIdr: true } } },
  { check: 'media/continuous', fault: { show: { hole: 900 } } },
  { check: 'media/continuous', fault: { show: { hole: -900 } } },
  text('media/extinf', /^audio$/, (whole) => whole.replaceAll(/(EXTINF:0\.)8\d/g, '$177')),
  text('media/program-date-time', all, (whole) => datesMoved(whole, (index) => index * 20)),
  text('media/same-clock', /^audio$/, (whole) => datesMoved(whole, () => 100)),
  { check: 'media/aligned', fault: { show: { audioLater: 4800 } } },
  replaced('parts/part-inf', /^v1$/, /#EXT-X-PART-INF.*\n/, ''),
  replaced('parts/longest', /^v1$/, /PART-TARGET=0\.2/, 'PART-TARGET=0.15'),
  replaced('parts/shortest', /^v1$/, /PART-TARGET=0\.2/, 'PART-TARGET=0.3'),
  text('parts/independent', /^v1$/, (whole) => whole.replaceAll(',INDEPENDENT=YES', '')),
  text('parts/independent', /^v1$/, (whole) => whole.replaceAll('.1.m4s"', '.1.m4s",INDEPENDENT=YES')),
  file('parts/one-chunk', /^v1\/\d+\.\d+\.m4s$/, (bytes) => Buffer.concat([bytes, bytes])),
  file('parts/readable', /^v1\/\d+\.\d+\.m4s$/, () => Buffer.from('no media at all')),
  file('parts/are-the-segment', /^v1\/\d+\.1\.m4s$/, (bytes) =>
    edited(bytes, (copy) => copy.writeUInt8(1, copy.length - 1)),
  ),
  text('parts/duration-true', /^v1$/, (whole) =>
    whole.replaceAll(/DURATION=0\.20000,(URI="v1\/\d+\.1)/g, 'DURATION=0.19000,$1'),
  ),
  { check: 'parts/old-ones-go', fault: { window: { partsFor: 6 } } },
  { check: 'parts/stay', fault: { forgetful: true } },
  text('server-control/can-block-reload', all, (whole) => whole.replace('CAN-BLOCK-RELOAD=YES,', '')),
  replaced('server-control/part-hold-back', all, /PART-HOLD-BACK=0\.6/, 'PART-HOLD-BACK=0.5'),
  replaced('server-control/hold-back', all, /,HOLD-BACK=3/, ',HOLD-BACK=2.5'),
  replaced('server-control/can-skip-until', all, /CAN-SKIP-UNTIL=6/, 'CAN-SKIP-UNTIL=5'),
  replaced('server-control/same', /^audio$/, /,HOLD-BACK=3/, ',HOLD-BACK=4'),
  replaced('preload-hint/one', /^v1$/, /(#EXT-X-PRELOAD-HINT.*\n)/, '$1$1'),
  replaced('preload-hint/one', /^v1$/, /#EXT-X-PRELOAD-HINT.*\n/, ''),
  replaced('preload-hint/comes-true', /^v1$/, /(PRELOAD-HINT.*"v1\/)\d+/, '$19999'),
  { check: 'preload-hint/held', fault: { impatient: true } },
  file('preload-hint/held', /^v1\/\d+\.0\.m4s$/, (bytes, { count }) =>
    edited(bytes, (copy) => copy.writeUInt8(count % 251, copy.length - 1)),
  ),
  { check: 'preload-hint/line-speed', fault: { trickle: true } },
  replaced('rendition-report/all', /^v1$/, /#EXT-X-RENDITION-REPORT:URI="audio.*\n/, ''),
  replaced('rendition-report/all', /^v1$/, /REPORT:URI="audio/, 'REPORT:URI="http://elsewhere.example/audio'),
  text('rendition-report/true', /^v1$/, (whole) =>
    whole.replaceAll(/LAST-MSN=(\d+)/g, (_, msn) => `LAST-MSN=${Number(msn) + 1}`),
  ),
  text('rendition-report/true', /^v1$/, (whole) =>
    whole.replaceAll(/LAST-MSN=(\d+)/g, (_, msn) => `LAST-MSN=${Number(msn) - 1}`),
  ),
  replaced('rendition-report/true', /^v1$/, /,LAST-PART=\d+/, ''),
  text('delta/equal', all, (whole) => (/EXT-X-SKIP/.test(whole) ? whole.replace(/#EXT-X-PROGRAM.*\n/, '') : whole)),
  { check: 'delta/boundary', fault: { window: { skipUntil: 4 } } },
  text('delta/version', all, (whole) => whole.replace('VERSION:9', 'VERSION:8')),
  { check: 'requests/part-without-msn', fault: { lenient: true } },
  { check: 'requests/bad-numbers', fault: { lenient: true } },
  { check: 'requests/far-msn', fault: { lenient: true } },
  { check: 'requests/far-part', fault: { lenient: true } },
  late('requests/refused-at-once', 400, /./),
  late('requests/past-end', 200, /blocking/),
  late('requests/old-msn', 200, /blocking/),
  late('requests/plain', 200, /^playlist/),
  { check: 'requests/blocks', fault: { impatient: true } },
  { check: 'requests/waits-no-longer', fault: { stop: { after: 4, ended: false, wait: 7000 } }, seconds: 9 },
  {
    check: 'requests/ended',
    fault: {
      stop: { after: 8, ended: true },
      status: ({ kind, tick }, status) => (tick > 87 && kind === 'delta' ? 400 : status),
    },
  },
  {
    check: 'requests/ended',
    fault: { stop: { after: 8, ended: true }, delay: ({ kind, tick }) => (tick > 87 && kind === 'delta' ? 3000 : 0) },
    seconds: 8,
  },
  {
    check: 'delivery/gzip',
    fault: { headers: ({ kind }) => (/playlist|blocking/.test(kind) ? { 'content-encoding': '' } : {}) },
  },
  header('delivery/gzip', /playlist|blocking/, 'vary', ''),
  { check: 'delivery/gzip', fault: { deaf: true } },
  header('delivery/playlist-type', /playlist|blocking/, 'content-type', 'text/plain'),
  header('delivery/media-type', /segment|part/, 'content-type', 'application/octet-stream'),
  header('delivery/playlist-caching', /^playlist/, 'cache-control', 'max-age=60'),
  header('delivery/blocking-caching', /blocking/, 'cache-control', 'no-store'),
  header('delivery/media-caching', /segment/, 'cache-control', 'max-age=5'),
  {
    check: 'delivery/missing',
    fault: { headers: (_, status) => (status === 404 ? { 'cache-control': 'max-age=3600' } : {}) },
  },
  header('delivery/etag', /segment/, 'etag', ''),
  { check: 'delivery/etag', fault: { deaf: true } },
  { check: 'delivery/ranges', fault: { deaf: true } },
  { check: 'delivery/range-beyond', fault: { status: (_, status) => (status === 416 ? 200 : status) } },
  {
    check: 'delivery/cross-origin',
    fault: { headers: (_, status) => (status === 400 ? { 'access-control-allow-origin': '' } : {}) },
  },
  {
    check: 'delivery/cross-origin',
    fault: { headers: (_, status) => (status === 204 ? { 'access-control-allow-headers': '' } : {}) },
  },
  {
    check: 'delivery/no-redirects',
    fault: { status: ({ name }, status) => (/^v1\/\d+\.1\.m4s/.test(name) ? 302 : status) },
  },
  {
    check: 'delivery/no-server-errors',
    fault: { status: ({ name, tick }, status) => (name === 'v1' && tick % 4 === 3 ? 500 : status) },
  },
]

/** Moves the program dates of a playlist, each by so many milliseconds. */
function datesMoved(whole: string, by: (msn: number) => number): string {
  let msn = Number(/MEDIA-SEQUENCE:(\d+)/.exec(whole)?.[1] ?? 0)
  return whole.replaceAll(/(PROGRAM-DATE-TIME:)(.*)/g, (_, tag, date) => {
    return `${tag}${new Date(Date.parse(date) + by(msn++)).toISOString()}`
  })
}
