/** Holds playlists against the media that they list. */
import { expect } from 'vitest'
import { childBoxes, findBox } from '../../../server/packager/boxReader.ts'
import { FragmentReader, type Frame } from '../../../server/packager/fragmentReader.ts'
import type { Stage } from './Stage.ts'

interface Entry {
  readonly init: string
  readonly name: string
  readonly gap: boolean
  readonly discontinuity: boolean
  /** Seconds. */
  readonly duration: number
}

/**
 * Every duration listed is that of the frames in the file, which follow each other over segments and gaps without a hole;
 * where empty parts stand in for frames, those that are there lie within the segment, in order.
 */
export function expectTruePlaylists(stage: Stage): void {
  for (const id of ['v0', 'v1', 'v2', 'audio']) {
    let next: number | null = null
    for (const entry of entries(stage.text(id))) {
      const what = `${id}/${entry.name}`
      if (entry.discontinuity) next = null
      if (entry.gap) {
        next = next === null ? null : next + entry.duration
        continue
      }
      const { frames, timescale } = read(stage.bytes(id, [entry.init, entry.name]))
      const start = (frames[0]?.dts ?? 0) / timescale
      if (next !== null) expect(start, `begin of ${what}`).toBeCloseTo(next, 4)
      let end = frames[0]?.dts
      if (hasEmptyParts(stage, id, entry.name)) {
        next = start + entry.duration
        const times = frames.map(({ dts }) => dts / timescale)
        expect(times, `frames of ${what}`).toEqual(times.toSorted((a, b) => a - b))
        expect(times.at(-1), `frames of ${what}`).toBeLessThan(next)
        continue
      }
      for (const { dts, duration } of frames) {
        expect(dts, `frames of ${what}`).toBe(end)
        end = dts + duration
      }
      next = (end ?? 0) / timescale
      expect(next - start, `duration of ${what}`).toBeCloseTo(entry.duration, 4)
    }
  }
}

function hasEmptyParts(stage: Stage, id: string, name: string): boolean {
  const moofs = childBoxes(stage.bytes(id, [name])).filter(({ type }) => type === 'moof')
  return moofs.some(({ body }) => !findBox(body, 'traf', 'trun'))
}

function entries(playlist: string): Entry[] {
  const found: Entry[] = []
  let [init, gap, discontinuity, duration] = ['', false, false, 0]
  for (const line of playlist.split('\n')) {
    init = /^#EXT-X-MAP:URI="(.+)"/.exec(line)?.[1] ?? init
    duration = Number(/^#EXTINF:([\d.]+)/.exec(line)?.[1] ?? duration)
    gap ||= line === '#EXT-X-GAP'
    discontinuity ||= line === '#EXT-X-DISCONTINUITY'
    if (line === '' || line.startsWith('#')) continue
    found.push({ init, name: line, gap, discontinuity, duration })
    gap = false
    discontinuity = false
  }
  return found
}

function read(bytes: Buffer): { frames: Frame[]; timescale: number } {
  const frames: Frame[] = []
  let timescale = 1
  for (const event of new FragmentReader().push(bytes)) {
    if ('frame' in event) frames.push(event.frame)
    else timescale = event.track.timescale
  }
  return { frames, timescale }
}
