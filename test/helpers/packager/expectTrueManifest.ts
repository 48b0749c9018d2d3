/** Holds a DASH manifest against the media that it lists. */
import { expect } from 'vitest'
import { childBoxes, findBox } from '../../../server/packager/boxReader.ts'
import { FragmentReader } from '../../../server/packager/fragmentReader.ts'
import { elementsOf, parseXml, type XmlElement } from '../xml.ts'
import type { Stage } from './Stage.ts'

export interface DashEntry {
  readonly period: string
  readonly rendition: string
  readonly init: string
  readonly name: string
  /** Presentation time, seconds. */
  readonly start: number
  readonly duration: number
  /** Media time in ticks of the timescale. */
  readonly time: number
  readonly ticks: number
  readonly timescale: number
}

/** The manifest as a tree; throws when it is not well formed. */
export function manifestOf(stage: Stage): XmlElement {
  return parseXml(stage.packager.dash.manifest({ baseUrl: '../../hls/x/' }) ?? '')
}

/** Every segment that a manifest lists, in its order. */
export function dashEntries(manifest: XmlElement): DashEntry[] {
  return elementsOf(manifest, 'Period').flatMap((period) =>
    elementsOf(period, 'Representation').flatMap((representation) => {
      const [template] = elementsOf(representation, 'SegmentTemplate')
      const {
        timescale,
        presentationTimeOffset,
        startNumber,
        initialization = '',
        media = '',
      } = template?.attributes ?? {}
      const rendition = representation.attributes.id ?? ''
      const rate = Number(timescale)
      const found: DashEntry[] = []
      let time = 0
      for (const { attributes } of elementsOf(representation, 'S')) {
        time = attributes.t === undefined ? time : Number(attributes.t)
        for (let count = 0; count <= Number(attributes.r ?? 0); count++) {
          const ticks = Number(attributes.d)
          const fill = (pattern: string) =>
            pattern.replace('$RepresentationID$/', '').replace('$Number$', String(Number(startNumber) + found.length))
          found.push({
            period: period.attributes.id ?? '',
            rendition,
            init: fill(initialization),
            name: fill(media),
            start: seconds(period.attributes.start) + (time - Number(presentationTimeOffset)) / rate,
            duration: ticks / rate,
            time,
            ticks,
            timescale: rate,
          })
          time += ticks
        }
      }
      return found
    }),
  )
}

/** Seconds of a duration such as `PT1.5S`. */
export function seconds(duration = ''): number {
  return Number(/^PT([\d.]+)S$/.exec(duration)?.[1] ?? Number.NaN)
}

/**
 * Every file that the manifest lists is there, begins and lasts as it says, and stands where the wall clock put it; what the
 * manifest lists is what the playlists list. Returns the manifest.
 */
export function expectTrueManifest(stage: Stage): XmlElement {
  const manifest = manifestOf(stage)
  const entries = dashEntries(manifest)
  const anchor = Date.parse(manifest.attributes.availabilityStartTime ?? '')
  for (const id of new Set(['v0', 'v1', 'v2', 'audio', ...entries.map(({ rendition }) => rendition)])) {
    const listed = listedSegments(stage.packager.playlist(id)?.text() ?? '')
    const own = entries.filter(({ rendition }) => rendition === id)
    expect(own.map(({ name }) => name)).toEqual(listed.map(({ name }) => name))
    for (const [index, { init, name, start, time, ticks, timescale }] of own.entries()) {
      const frames = new FragmentReader().push(stage.bytes(id, [init, name])).filter((event) => 'frame' in event)
      const media = frames.map(({ frame }) => frame)
      expect([name, media[0]?.dts], name).toEqual([name, time])
      // Empty parts of a picture that froze or is rare: its time belongs to the frame before.
      const filled = media.reduce((sum, { duration }) => sum + duration, 0)
      if (hasEmptyPart(stage.bytes(id, [name]))) expect(filled, name).toBeLessThanOrEqual(ticks)
      else expect(filled, name).toBe(ticks)
      expect(Math.abs(anchor + start * 1000 - (listed[index]?.startsAt ?? 0)), name).toBeLessThan(1 + 1000 / timescale)
    }
  }
  return manifest
}

/** Segments of a media playlist that are no gaps, with their wall clock in milliseconds. */
function listedSegments(playlist: string): { name: string; startsAt: number }[] {
  const found: { name: string; startsAt: number }[] = []
  let [startsAt, gap] = [0, false]
  for (const line of playlist.split('\n')) {
    const date = /^#EXT-X-PROGRAM-DATE-TIME:(.*)/.exec(line)?.[1]
    if (date !== undefined) startsAt = Date.parse(date)
    gap ||= line === '#EXT-X-GAP'
    if (line === '' || line.startsWith('#')) continue
    if (!gap) found.push({ name: line, startsAt })
    gap = false
  }
  return found
}

function hasEmptyPart(segment: Buffer): boolean {
  return childBoxes(segment).some(({ type, body }) => type === 'moof' && !findBox(body, 'traf', 'trun'))
}
