/** In charge of reading multivariant playlists strictly: draft-pantos-hls-rfc8216bis 4.4.6. Pure. */
import { type AttributeTable, numberOf, readAttributes } from './attributes.ts'

export interface Variant {
  /** As written, relative to the playlist. */
  readonly uri: string
  /** Bits a second. */
  readonly bandwidth: number | null
  readonly averageBandwidth: number | null
  /** RFC 6381, each on its own. */
  readonly codecs: readonly string[]
  readonly resolution: string | null
  /** Frames a second. */
  readonly frameRate: number | null
  /** Group of the audio renditions that belong to it. */
  readonly audio: string | null
}

export interface AlternativeRendition {
  readonly type: string
  readonly group: string
  readonly name: string
  /** RFC 5646. */
  readonly language: string | null
  /** Null when the media is in the variant itself. */
  readonly uri: string | null
}

export interface MultivariantPlaylist {
  /** 1 where nothing is said (4.4.1.2). */
  readonly version: number
  readonly independentSegments: boolean
  readonly variants: readonly Variant[]
  readonly iFrames: readonly Variant[]
  readonly renditions: readonly AlternativeRendition[]
  /** What a strict reader complains of. */
  readonly faults: readonly string[]
}

const streamTable: AttributeTable = {
  BANDWIDTH: 'integer!',
  'AVERAGE-BANDWIDTH': 'integer',
  CODECS: 'string',
  RESOLUTION: 'resolution',
  'FRAME-RATE': 'float',
  AUDIO: 'string',
}
const iFrameTable: AttributeTable = { ...streamTable, URI: 'string!' }
const mediaTable: AttributeTable = {
  TYPE: 'enum!',
  'GROUP-ID': 'string!',
  NAME: 'string!',
  LANGUAGE: 'string',
  URI: 'string',
  DEFAULT: 'enum',
  AUTOSELECT: 'enum',
  CHANNELS: 'string',
}

/** Whether a text is a multivariant playlist rather than a media playlist. */
export function isMultivariant(text: string): boolean {
  return /^#EXT-X-STREAM-INF:/m.test(text)
}

export function parseMultivariant(text: string): MultivariantPlaylist {
  const faults: string[] = []
  const fault = (what: string) => faults.push(what)
  const lines = text.split(/\r?\n/)
  if (lines[0] !== '#EXTM3U') fault('the first line is not #EXTM3U')
  const variants: Variant[] = []
  const iFrames: Variant[] = []
  const renditions: AlternativeRendition[] = []
  const once = new Set<string>()
  let [version, independentSegments] = [1, false]
  let stream: ReadonlyMap<string, string> | null = null
  for (const line of lines.slice(1)) {
    if (line === '') continue
    if (!line.startsWith('#')) {
      if (stream) variants.push(toVariant(stream, line))
      else fault(`${line} has no EXT-X-STREAM-INF`)
      stream = null
      continue
    }
    if (stream && line.startsWith('#EXT')) fault(`EXT-X-STREAM-INF is followed by ${line}, not by a URI`)
    const [tag = '', value = ''] = splitTag(line)
    if (tag === 'EXT-X-VERSION' || tag === 'EXT-X-INDEPENDENT-SEGMENTS') {
      if (once.has(tag)) fault(`${tag} stands there twice`)
      once.add(tag)
    }
    if (tag === 'EXT-X-VERSION') version = Number(value)
    else if (tag === 'EXT-X-INDEPENDENT-SEGMENTS') independentSegments = true
    else if (tag === 'EXT-X-STREAM-INF') stream = readAttributes(tag, value, streamTable, fault)
    else if (tag === 'EXT-X-I-FRAME-STREAM-INF') {
      const attributes = readAttributes(tag, value, iFrameTable, fault)
      iFrames.push(toVariant(attributes, attributes.get('URI') ?? ''))
    } else if (tag === 'EXT-X-MEDIA') renditions.push(toRendition(readAttributes(tag, value, mediaTable, fault)))
    else if (/^EXTINF$|^EXT-X-(TARGETDURATION|MEDIA-SEQUENCE|PART)/.test(tag))
      fault(`${tag} belongs in media playlists`)
  }
  if (stream) fault('the last EXT-X-STREAM-INF has no URI')
  for (const { audio, uri } of variants) {
    if (audio !== null && !renditions.some(({ group }) => group === audio)) fault(`${uri}: no group is called ${audio}`)
  }
  return { version, independentSegments, variants, iFrames, renditions, faults }
}

/** A tag's name and its value. */
export function splitTag(line: string): [tag: string, value: string] {
  const colon = line.indexOf(':')
  return colon < 0 ? [line.slice(1), ''] : [line.slice(1, colon), line.slice(colon + 1)]
}

function toVariant(attributes: ReadonlyMap<string, string>, uri: string): Variant {
  const codecs = attributes.get('CODECS')
  return {
    uri,
    bandwidth: numberOf(attributes, 'BANDWIDTH'),
    averageBandwidth: numberOf(attributes, 'AVERAGE-BANDWIDTH'),
    codecs: codecs === undefined ? [] : codecs.split(',').map((codec) => codec.trim()),
    resolution: attributes.get('RESOLUTION') ?? null,
    frameRate: numberOf(attributes, 'FRAME-RATE'),
    audio: attributes.get('AUDIO') ?? null,
  }
}

function toRendition(attributes: ReadonlyMap<string, string>): AlternativeRendition {
  return {
    type: attributes.get('TYPE') ?? '',
    group: attributes.get('GROUP-ID') ?? '',
    name: attributes.get('NAME') ?? '',
    language: attributes.get('LANGUAGE') ?? null,
    uri: attributes.get('URI') ?? null,
  }
}
