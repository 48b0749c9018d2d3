import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide, noDirectives, parseDirectives } from '../../../server/delivery/hlsDirectives.ts'
import { fakePlaylist } from '../../helpers/delivery/FakeSource.ts'

const parse = (query: string) => parseDirectives(new URLSearchParams(query))

describe('parseDirectives', () => {
  it.each([
    ['', noDirectives],
    ['session=x&player=1', noDirectives],
    ['_HLS_msn=12', { msn: 12, part: null, skip: false }],
    ['_HLS_msn=0&_HLS_part=0', { msn: 0, part: 0, skip: false }],
    ['_HLS_part=3&_HLS_skip=YES&_HLS_msn=7', { msn: 7, part: 3, skip: true }],
    ['_HLS_skip=v2', { msn: null, part: null, skip: true }],
    ['_HLS_skip=NO', noDirectives],
    ['_HLS_push=1&_HLS_report=a', noDirectives],
    ['%5FHLS_msn=5', { msn: 5, part: null, skip: false }],
  ])('reads %s', (query, directives) => {
    expect(parse(query)).toEqual(directives)
  })

  it.each([
    '_HLS_part=1',
    '_HLS_msn=',
    '_HLS_msn=-1',
    '_HLS_msn=1.5',
    '_HLS_msn=1e3',
    '_HLS_msn=0x10',
    '_HLS_msn=Infinity',
    '_HLS_msn=%201',
    '_HLS_msn=1+',
    '_HLS_msn=1&_HLS_msn=1',
    '_HLS_msn=1&_HLS_part=1&_HLS_part=2',
    '_HLS_msn=1&_HLS_part=-1',
    '_HLS_msn=1&_HLS_part=x',
    '_HLS_skip=YES&_HLS_skip=YES',
    `_HLS_msn=${'9'.repeat(16)}`,
    `_HLS_msn=1&_HLS_part=${'9'.repeat(5000)}`,
    '_HLS_msn=\u0661',
  ])('refuses %s', (query) => {
    expect(parse(query)).toBeNull()
  })

  it('says for any query either what it asks for in exact integers, or that it is malformed', () => {
    const name = fc.constantFrom('_HLS_msn', '_HLS_part', '_HLS_skip', 'session', '_hls_msn', '_HLS_')
    const value = fc.oneof(
      fc.nat().map(String),
      fc.constantFrom('YES', 'v2', '', '-1'),
      fc.string(),
      fc.bigInt().map(String),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 5 }), (pairs) => {
        const directives = parseDirectives(new URLSearchParams(pairs))
        const said = (wanted: string) => pairs.filter(([each]) => each === wanted).map(([, each]) => each)
        const [msn, part] = [said('_HLS_msn'), said('_HLS_part')]
        if (directives === null) {
          const numbers = [...msn, ...part]
          const wrong = numbers.some((each) => !/^[0-9]{1,15}$/.test(each)) || part.length > msn.length
          expect(wrong || [msn, part, said('_HLS_skip')].some((each) => each.length > 1)).toBe(true)
        } else {
          expect(msn).toEqual(
            directives.msn === null ? [] : [expect.stringMatching(new RegExp(`^0*${directives.msn}$`))],
          )
          expect(part).toEqual(
            directives.part === null ? [] : [expect.stringMatching(new RegExp(`^0*${directives.part}$`))],
          )
          expect([directives.msn ?? 0, directives.part ?? 0].every(Number.isSafeInteger)).toBe(true)
        }
      }),
    )
  })
})

describe('decide', () => {
  /** Segments 10, 11, 12 of six parts, and two parts of 13. */
  const playlist = fakePlaylist({ first: 10, whole: [6, 6, 6], open: 2 })
  const at = (msn: number | null, part: number | null = null) => decide({ msn, part, skip: false }, playlist)

  it.each([
    [null, null, 'answer'],
    [5, null, 'answer'],
    [5, 400, 'answer'],
    [12, null, 'answer'],
    [12, 5, 'answer'],
    [12, 6, 'answer'],
    [13, 0, 'answer'],
    [13, 1, 'answer'],
    [13, 2, 'hold'],
    [13, null, 'hold'],
    [13, 9, 'hold'],
    [13, 10, 'refuse'],
    [14, null, 'hold'],
    [14, 0, 'hold'],
    [14, 7, 'hold'],
    [14, 8, 'refuse'],
    [15, null, 'refuse'],
    [15, 0, 'refuse'],
    [999_999_999_999_999, 0, 'refuse'],
  ] as const)('for segment %s, part %s is %s', (msn, part, decision) => {
    expect(at(msn, part)).toBe(decision)
  })

  it('counts two segments from the last whole one when none is under way', () => {
    const between = fakePlaylist({ first: 10, whole: [6, 6, 6], open: 0 })
    const decisions = [13, 14, 15].map((msn) => decide({ msn, part: null, skip: false }, between))
    expect(decisions).toEqual(['hold', 'hold', 'refuse'])
  })

  it('takes a part past the end of its segment for part 0 of the next one', () => {
    const between = fakePlaylist({ first: 10, whole: [6, 6, 6], open: 0 })
    expect(decide({ msn: 12, part: 6, skip: false }, between)).toBe('hold')
    const begun = fakePlaylist({ first: 10, whole: [6, 6, 6], open: 1 })
    expect(decide({ msn: 12, part: 6, skip: false }, begun)).toBe('answer')
  })

  it('allows three parts ahead where parts are of a second or more', () => {
    const long = { ...playlist, partTarget: 1 }
    expect([4, 5].map((part) => decide({ msn: 13, part, skip: false }, long))).toEqual(['hold', 'refuse'])
  })

  it('ignores everything once it has ended', () => {
    const ended = fakePlaylist({ first: 10, whole: [6], open: 0 }, { ended: true })
    expect(decide({ msn: 1e14, part: 1e14, skip: true }, ended)).toBe('answer')
  })

  it('never holds what is there, nor refuses what comes next', () => {
    const segments = fc.record({
      first: fc.nat(1000),
      whole: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
      open: fc.nat(9),
    })
    fc.assert(
      fc.property(segments, fc.nat(1010), fc.option(fc.nat(30)), (state, msn, part) => {
        const now = fakePlaylist(state)
        const decision = decide({ msn, part, skip: false }, now)
        expect(decision === 'answer').toBe(now.has(msn, part ?? undefined))
        const under = state.first + state.whole.length
        expect(decide({ msn: under, part: state.open, skip: false }, now)).toBe('hold')
        expect(decide({ msn: under + 2, part, skip: false }, now)).toBe('refuse')
      }),
    )
  })
})
