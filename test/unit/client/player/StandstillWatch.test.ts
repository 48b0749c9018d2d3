import { describe, expect, it } from 'vitest'
import { StandstillWatch } from '../../../../client/player/StandstillWatch.ts'

describe('StandstillWatch', () => {
  it('notices that four segments were listed while the picture stood', () => {
    const watch = new StandstillWatch()
    expect(watch.look({ isWell: true, newest: 10 })).toBe(false)
    for (const newest of [10, 11, 12, 13, 13]) expect(watch.look({ isWell: false, newest })).toBe(false)
    expect(watch.look({ isWell: false, newest: 14 })).toBe(true)
  })

  it('counts anew from when the picture moved last', () => {
    const watch = new StandstillWatch()
    watch.look({ isWell: true, newest: 10 })
    watch.look({ isWell: false, newest: 13 })
    expect(watch.look({ isWell: true, newest: 14 })).toBe(false)
    expect(watch.look({ isWell: false, newest: 17 })).toBe(false)
    expect(watch.look({ isWell: false, newest: 18 })).toBe(true)
  })

  it('has patience with a picture that has not come yet, and with a source that is away', () => {
    const watch = new StandstillWatch()
    for (let looks = 0; looks < 1000; looks++) expect(watch.look({ isWell: false, newest: 7 })).toBe(false)
    expect(watch.look({ isWell: false, newest: 10 })).toBe(false)
    expect(watch.look({ isWell: false, newest: 11 })).toBe(true)
  })
})
