import { describe, expect, it } from 'vitest'
import { START } from '../../helpers/packager/ManualClock.ts'
import { Stage } from '../../helpers/packager/Stage.ts'
import { every, pictures, sound } from '../../helpers/packager/streams.ts'

const IDS = ['v0', 'v1', 'audio']

/** What was ever listed under a name must stay as it was: the lines about parts and segments, by what they name. */
class Memory {
  readonly #said = new Map<string, string>()
  readonly #order = new Map<string, number>()

  remember(stage: Stage): void {
    for (const id of IDS) {
      const playlist = stage.packager.playlist(id)
      if (!playlist) continue
      const lines = playlist.text().split('\n')
      for (const [index, line] of lines.entries()) {
        const part = /^#EXT-X-PART:.*URI="(.+?)"/.exec(line)?.[1]
        const file = line === '' || line.startsWith('#') ? part : line
        if (!file) continue
        const told = part ? line : (lines[index - 1] ?? '')
        expect(this.#said.get(`${id}/${file}`) ?? told, `${id}/${file}`).toBe(told)
        this.#said.set(`${id}/${file}`, told)
      }
      const place = playlist.lastMediaSequence * 1000 + playlist.lastPart
      expect(place, id).toBeGreaterThanOrEqual(this.#order.get(id) ?? 0)
      this.#order.set(id, place)
    }
  }

  get names(): string[] {
    return [...this.#said.keys()]
  }
}

function watched(stage: Stage): Memory {
  const memory = new Memory()
  stage.packager.on('progress', () => memory.remember(stage))
  return memory
}

const bytesOf = (stage: Stage, id: string, name: string) => stage.bytes(id, [name])

describe('parts', () => {
  it('are there as soon as they are cut, and joined they are their segment', () => {
    const stage = new Stage()
    const seen: number[] = []
    stage.packager.on('progress', () => seen.push(stage.clock.now() - START))
    stage.play(pictures(stage, { until: 7, keyFrames: every(2, 7) }), sound(stage, 7))
    const apart = seen.filter((at) => at > 3000).map((at, index, all) => at - (all[index - 1] ?? at))
    expect(Math.max(...apart)).toBeLessThanOrEqual(450)
    for (const id of ['v0', 'audio']) {
      const names = [...stage.text(id).matchAll(/URI="(r1-1\.\d\.m4s)"/g)].map((match) => match[1] ?? '')
      expect(names.length).toBeGreaterThan(5)
      expect(stage.bytes(id, names)).toEqual(bytesOf(stage, id, 'r1-1.m4s'))
      const hint = stage.packager.playlist(id)?.hint ?? ''
      expect(hint).toMatch(/^r1-3\.\d\.m4s$/)
      expect(stage.packager.resource(id, hint)).toBeNull()
    }
  })

  it('are never taken back or changed, whatever becomes of the streams', () => {
    const stage = new Stage({ windowSegments: 30 })
    const memory = watched(stage)
    stage.packager.on('segment', ({ mediaSequence }) => {
      if (mediaSequence === 7) throw new RangeError('a fault of its own')
    })
    stage.play(
      pictures(stage, { until: 9.5, keyFrames: every(2, 10) }),
      pictures(stage, { layer: 1, until: 3.3, keyFrames: every(2, 4) }),
      sound(stage, 9.5),
      [{ at: START + 9800, act: () => stage.packager.interrupt() }],
      pictures(stage, { from: 12, until: 21, keyFrames: every(2, 22), changesAt: 16 }),
      pictures(stage, { layer: 1, from: 12, until: 21, keyFrames: every(2, 22) }),
      sound(stage, 21, 12),
      [{ at: START + 21_100, act: () => stage.packager.end() }],
    )
    expect(memory.names.length).toBeGreaterThan(100)
    for (const id of IDS) {
      const numbers = stage.files(id).flatMap((name) => /^r1-(\d+)\.m4s$/.exec(name)?.[1] ?? [])
      expect(numbers).toEqual(numbers.map((_, index) => String(index + Number(numbers[0]))))
      expect(stage.text(id)).toMatch(/#EXT-X-ENDLIST\n$/)
    }
  })

  it('of a layer that falls silent inside a segment go on without pictures, and no viewer of another stream waits', () => {
    const stage = new Stage()
    const progress: number[] = []
    stage.packager.on('progress', () => progress.push(stage.packager.playlist('audio')?.lastPart ?? 0))
    stage.play(
      pictures(stage, { until: 8.9, keyFrames: every(2, 9) }),
      pictures(stage, { layer: 1, until: 6.4, keyFrames: every(2, 7) }),
      sound(stage, 8.9),
    )
    const parts = (id: string) => stage.text(id).match(/#EXT-X-PART:.*r1-3\..*/g) ?? []
    expect(parts('v1').length).toBeGreaterThanOrEqual(parts('v0').length - 1)
    expect(parts('v1').filter((line) => line.includes('GAP'))).toEqual([])
    expect(stage.text('v1')).toMatch(/r1-4\.0\.m4s",GAP=YES/)
    expect(stage.packager.playlist('v1')?.hint).toBeNull()
    expect(stage.packager.renditions().map(({ id }) => id)).toEqual(['v0', 'audio'])
  })

  // Every place in a part at which streams may be known to be over.
  it.each([
    ['before another one does', every(0.02, 0.7), false],
    ['before the sound does', every(0.02, 0.7), true],
  ])('that were hinted come, when pictures stop and then end, %s', (_, moments, isLast) => {
    for (const moment of moments) {
      const stage = new Stage({ windowSegments: 30 })
      const hinted = new Set<string>()
      stage.packager.on('progress', () => {
        for (const id of IDS) {
          const hint = stage.packager.playlist(id)?.hint
          if (hint) hinted.add(`${id} ${hint}`)
        }
      })
      const stopping = (layer: number, until: number) => {
        const cues = pictures(stage, { layer, until, keyFrames: every(2, 6), close: true })
        return cues.map((cue, index) => (index < cues.length - 1 ? cue : { ...cue, at: START + 5400 + moment * 1000 }))
      }
      stage.play(
        stopping(0, isLast ? 4.7 : 5.3),
        stopping(1, 4.6),
        sound(stage, 13),
        pictures(stage, { from: 8, until: 13, keyFrames: every(2, 13) }),
        pictures(stage, { layer: 1, from: 8, until: 13, keyFrames: every(2, 13) }),
      )
      for (const id of IDS) hinted.delete(`${id} ${stage.packager.playlist(id)?.hint}`)
      expect(hinted.size).toBeGreaterThan(30)
      const lacking = [...hinted].filter((each) => {
        const [id = '', name = ''] = each.split(' ')
        return bytesOf(stage, id, name).length === 0
      })
      expect(lacking, `ended at ${moment} s`).toEqual([])
    }
  })

  it('of other renditions are reported as far as these really are', () => {
    const stage = new Stage()
    const wrong: string[] = []
    stage.packager.on('progress', () => {
      for (const id of IDS) {
        for (const [, other = '', number, part] of stage
          .text(id)
          .matchAll(/URI="..\/(\w+)\/.*LAST-MSN=(\d+),LAST-PART=(\d+)/g)) {
          const playlist = stage.packager.playlist(other)
          if (playlist?.lastMediaSequence !== Number(number) || playlist.lastPart !== Number(part))
            wrong.push(`${id}: ${other}`)
          if (bytesOf(stage, other, `r1-${number}.${part}.m4s`).length === 0)
            wrong.push(`${other} lacks ${number}.${part}`)
        }
      }
    })
    stage.play(
      pictures(stage, { until: 7, keyFrames: every(2, 7) }),
      pictures(stage, { layer: 1, until: 7, keyFrames: every(2, 7) }),
      sound(stage, 7),
    )
    expect(wrong).toEqual([])
    expect(stage.lines('v0', '#EXT-X-RENDITION-REPORT')).toHaveLength(2)
  })
})
