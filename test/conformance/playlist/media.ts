/** In charge of reading a media playlist strictly: draft-pantos-hls-rfc8216bis 4.4.2–4.4.5. Pure. */
import { type AttributeTable, numberOf, readAttributes } from './attributes.ts'
import type { ListedPart, ListedSegment, MediaPlaylist, RenditionReport, ServerControl } from './model.ts'
import { splitTag } from './multivariant.ts'

const partInfTable: AttributeTable = { 'PART-TARGET': 'float!' }
const controlTable: AttributeTable = {
  'CAN-SKIP-UNTIL': 'float',
  'CAN-SKIP-DATERANGES': 'enum',
  'HOLD-BACK': 'float',
  'PART-HOLD-BACK': 'float',
  'CAN-BLOCK-RELOAD': 'enum',
}
const partTable: AttributeTable = {
  URI: 'string!',
  DURATION: 'float!',
  INDEPENDENT: 'enum',
  GAP: 'enum',
  BYTERANGE: 'string',
}
const mapTable: AttributeTable = { URI: 'string!', BYTERANGE: 'string' }
const hintTable: AttributeTable = { TYPE: 'enum!', URI: 'string!', 'BYTERANGE-START': 'integer' }
const reportTable: AttributeTable = { URI: 'string!', 'LAST-MSN': 'integer', 'LAST-PART': 'integer' }
const skipTable: AttributeTable = { 'SKIPPED-SEGMENTS': 'integer!' }

/** Tags that a playlist has once at most (4.4.2, 4.4.3, 4.4.5.2). */
const single =
  /^EXT-X-(VERSION|INDEPENDENT-SEGMENTS|TARGETDURATION|MEDIA-SEQUENCE|DISCONTINUITY-SEQUENCE|ENDLIST|PLAYLIST-TYPE|I-FRAMES-ONLY|PART-INF|SERVER-CONTROL|SKIP|START)$/
/** Tags that must stand before the first segment (4.4.3.2, 4.4.3.3). */
const early = /^EXT-X-(MEDIA-SEQUENCE|DISCONTINUITY-SEQUENCE)$/
/** Tags that belong to the next segment, once each. */
const perSegment = /^(EXTINF|EXT-X-(DISCONTINUITY|PROGRAM-DATE-TIME|GAP|BYTERANGE|BITRATE))$/
/** ISO 8601 with a zone: 4.4.4.6 says it SHOULD have one, and without it nobody knows what it means. */
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** Never throws: what cannot be read is a fault. */
export function parseMediaPlaylist(text: string): MediaPlaylist {
  const faults: string[] = []
  const fault = (what: string) => faults.push(what)
  const playlist: Mutable<Omit<MediaPlaylist, 'segments' | 'hints' | 'reports'>> = {
    version: 1,
    targetDuration: 0,
    mediaSequence: 0,
    discontinuitySequence: null,
    iFramesOnly: false,
    ended: false,
    hasPlaylistType: false,
    independentSegments: false,
    partTarget: null,
    serverControl: null,
    skipped: null,
    underWay: null,
    faults,
  }
  const segments: ListedSegment[] = []
  const hints: { type: string; uri: string }[] = []
  const reports: RenditionReport[] = []
  const seen = new Set<string>()
  const own = new Set<string>()
  let segment = blank(null)
  let parts: ListedPart[] = []
  let dsn = 0
  let end = 0

  const number = (tag: string, value: string): number => {
    if (!/^\d+$/.test(value)) fault(`${tag}: "${value}" is no whole number`)
    return Number(value)
  }
  const finish = (uri: string | null): ListedSegment => {
    const msn = playlist.mediaSequence + (playlist.skipped ?? 0) + segments.length
    if (segment.discontinuity) dsn++
    const done = { ...segment, msn, dsn: (playlist.discontinuitySequence ?? 0) + dsn, uri, parts }
    segment = blank(segment.map)
    parts = []
    own.clear()
    return done
  }

  const lines = text.split(/\r?\n/)
  if (lines[0] !== '#EXTM3U') fault('the first line is not #EXTM3U')
  for (const line of lines.slice(1)) {
    if (line === '') continue
    if (!line.startsWith('#')) {
      if (segment.duration === null) fault(`${line} has no EXTINF`)
      segments.push(finish(line))
      continue
    }
    const [tag, value] = splitTag(line)
    if (single.test(tag)) {
      if (seen.has(tag)) fault(`${tag} stands there twice`)
      seen.add(tag)
    }
    if (early.test(tag) && segments.length + parts.length > 0) fault(`${tag} stands behind a segment`)
    if (perSegment.test(tag)) {
      if (own.has(tag)) fault(`${tag} stands there twice for one segment`)
      own.add(tag)
    }
    // 4.4.4.9: what applies to a segment applies to its first part and must stand before it.
    if (/^EXT-X-(DISCONTINUITY|MAP|PROGRAM-DATE-TIME)$/.test(tag) && parts.length > 0) {
      fault(`${tag} stands behind a part of its segment`)
    }
    switch (tag) {
      case 'EXT-X-VERSION':
        playlist.version = number(tag, value)
        break
      case 'EXT-X-TARGETDURATION':
        playlist.targetDuration = number(tag, value)
        break
      case 'EXT-X-MEDIA-SEQUENCE':
        playlist.mediaSequence = number(tag, value)
        break
      case 'EXT-X-DISCONTINUITY-SEQUENCE':
        playlist.discontinuitySequence = number(tag, value)
        break
      case 'EXT-X-INDEPENDENT-SEGMENTS':
        playlist.independentSegments = true
        break
      case 'EXT-X-I-FRAMES-ONLY':
        playlist.iFramesOnly = true
        break
      case 'EXT-X-PLAYLIST-TYPE':
        playlist.hasPlaylistType = true
        break
      case 'EXT-X-ENDLIST':
        playlist.ended = true
        break
      case 'EXT-X-PART-INF':
        playlist.partTarget = numberOf(readAttributes(tag, value, partInfTable, fault), 'PART-TARGET')
        break
      case 'EXT-X-SERVER-CONTROL':
        playlist.serverControl = toControl(value, readAttributes(tag, value, controlTable, fault))
        break
      case 'EXT-X-SKIP':
        if (segments.length > 0) fault('EXT-X-SKIP stands behind a segment')
        playlist.skipped = numberOf(readAttributes(tag, value, skipTable, fault), 'SKIPPED-SEGMENTS')
        break
      case 'EXT-X-DISCONTINUITY':
        segment.discontinuity = true
        break
      case 'EXT-X-GAP':
        segment.gap = true
        break
      case 'EXT-X-MAP':
        segment.map = readAttributes(tag, value, mapTable, fault).get('URI') ?? null
        break
      case 'EXT-X-PROGRAM-DATE-TIME':
        if (!dateTime.test(value)) fault(`EXT-X-PROGRAM-DATE-TIME: "${value}" is no date with a zone`)
        segment.programDateTime = Date.parse(value)
        break
      case 'EXTINF':
        if (!/^\d+(\.\d+)?,/.test(value)) fault(`EXTINF: "${value}" is no duration and comma`)
        segment.duration = Number.parseFloat(value)
        break
      case 'EXT-X-BYTERANGE': {
        const [, length, offset] = /^(\d+)(?:@(\d+))?$/.exec(value) ?? []
        if (length === undefined) fault(`EXT-X-BYTERANGE: "${value}" is no range`)
        segment.range = { length: Number(length ?? 0), offset: offset === undefined ? end : Number(offset) }
        end = segment.range.offset + segment.range.length
        break
      }
      case 'EXT-X-PART':
        if (segment.duration !== null) fault('EXT-X-PART stands behind the EXTINF of its segment')
        parts.push(toPart(readAttributes(tag, value, partTable, fault)))
        break
      case 'EXT-X-PRELOAD-HINT': {
        const attributes = readAttributes(tag, value, hintTable, fault)
        hints.push({ type: attributes.get('TYPE') ?? '', uri: attributes.get('URI') ?? '' })
        break
      }
      case 'EXT-X-RENDITION-REPORT': {
        const attributes = readAttributes(tag, value, reportTable, fault)
        const [lastMsn, lastPart] = [numberOf(attributes, 'LAST-MSN'), numberOf(attributes, 'LAST-PART')]
        reports.push({ uri: attributes.get('URI') ?? '', lastMsn, lastPart })
        break
      }
      default:
        if (/^EXT-X-(STREAM-INF|MEDIA|I-FRAME-STREAM-INF)$/.test(tag)) fault(`${tag} belongs in multivariant playlists`)
    }
  }
  if (segment.duration !== null) fault('the last EXTINF has no URI')
  if (!seen.has('EXT-X-TARGETDURATION')) fault('EXT-X-TARGETDURATION is missing')
  if (parts.length > 0) playlist.underWay = finish(null)
  return { ...playlist, segments, hints, reports }
}

function blank(map: string | null): Mutable<Omit<ListedSegment, 'msn' | 'dsn' | 'uri' | 'parts'>> {
  return { discontinuity: false, duration: null, gap: false, programDateTime: null, map, range: null }
}

function toPart(attributes: ReadonlyMap<string, string>): ListedPart {
  return {
    uri: attributes.get('URI') ?? '',
    duration: numberOf(attributes, 'DURATION') ?? 0,
    independent: attributes.get('INDEPENDENT') === 'YES',
    gap: attributes.get('GAP') === 'YES',
  }
}

function toControl(text: string, attributes: ReadonlyMap<string, string>): ServerControl {
  return {
    canSkipUntil: numberOf(attributes, 'CAN-SKIP-UNTIL'),
    holdBack: numberOf(attributes, 'HOLD-BACK'),
    partHoldBack: numberOf(attributes, 'PART-HOLD-BACK'),
    canBlockReload: attributes.get('CAN-BLOCK-RELOAD') === 'YES',
    text,
  }
}
