import { pino } from 'pino'
import { beforeEach, describe, expect, it } from 'vitest'
import { Audience } from '../../../server/broadcast/Audience.ts'
import { seatCounters } from '../../../server/broadcast/seatCounters.ts'
import { Metrics } from '../../../server/ops/metrics.ts'
import type { ViewerCounts } from '../../../shared/broadcast.ts'
import { ManualClock } from '../../helpers/packager/ManualClock.ts'

let clock: ManualClock
let audience: Audience
/** Counts after each change, as everyone is told them. */
let told: ViewerCounts[]

beforeEach(() => {
  clock = new ManualClock()
  audience = new Audience({
    feed: { router: null, producers: [] },
    maxViewers: 3,
    seats: { webrtc: 1, mse: 2, mseHasRoom: () => true },
    seatCounters: seatCounters(new Metrics()),
    clock,
    log: pino({ level: 'silent' }),
  })
  told = []
  audience.on('changed', () => told.push(audience.counts))
})

const totals = () => [...new Set(told.map(({ total }) => total))]

describe('viewer counts', () => {
  it('stay as they are while somebody moves from WebRTC to MSE to HLS and back', () => {
    const { viewer } = audience.join(undefined)
    viewer.report('webrtc')
    // The next player is warmed up before the former is let go.
    const close = audience.seatMseViewer(viewer.pushToken, () => {})
    viewer.report('mse')
    viewer.report('llhls')
    close()
    viewer.report('webrtc')
    expect(totals()).toEqual([1])
    expect(told.map(({ webrtc, mse, hls }) => [webrtc, mse, hls])).toEqual([
      [0, 0, 0],
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [1, 0, 0],
    ])
  })

  it('count whoever takes what is pushed while its signaling is gone, and not for longer', () => {
    const { viewer, release } = audience.join(undefined)
    const close = audience.seatMseViewer(viewer.pushToken, () => {})
    release(false)
    clock.advanceTo(clock.now() + 60_000)
    expect([audience.counts.total, viewer.isClosed]).toEqual([1, false])
    const back = audience.join(viewer.session)
    expect(back.viewer).toBe(viewer)
    back.release(false)
    close()
    clock.advanceTo(clock.now() + 4_900)
    expect(audience.counts.total).toBe(1)
    clock.advanceTo(clock.now() + 2_000)
    expect([audience.counts.total, viewer.isClosed, audience.isEmpty, clock.timers]).toEqual([0, true, true, 0])
  })

  it('let go of what is pushed to somebody who left', () => {
    const { viewer, release } = audience.join(undefined)
    let left = false
    const close = audience.seatMseViewer(viewer.pushToken, () => {
      left = true
    })
    release(true)
    expect([left, audience.counts.total]).toEqual([true, 0])
    close()
    expect(audience.counts).toEqual({ total: 0, webrtc: 0, mse: 0, hls: 0 })
  })

  it('count players without our signaling as people of their own', () => {
    const close = audience.seatMseViewer(null, () => {})
    audience.sawHttpSession('somebody')
    expect(audience.counts).toEqual({ total: 2, webrtc: 0, mse: 1, hls: 1 })
    close()
    clock.advanceTo(clock.now() + 20_000)
    expect(audience.isEmpty).toBe(true)
  })
})

describe('an audience', () => {
  it('has no seats for those whom nobody knows, nor more than there are', () => {
    expect(() => audience.seatMseViewer('nobody', () => {})).toThrow('does not belong')
    const { viewer } = audience.join(undefined, { webrtc: false, mse: true })
    const first = audience.seatMseViewer(viewer.pushToken, () => {})
    audience.seatMseViewer(viewer.pushToken, () => {})
    expect(() => audience.seatMseViewer(viewer.pushToken, () => {})).toThrow('Too many connections')
    audience.seatMseViewer(null, () => {})
    expect(() => audience.seatMseViewer(null, () => {})).toThrow('seats are taken')
    first()
    first()
    audience.seatMseViewer(viewer.pushToken, () => {})
    audience.join(undefined)
    audience.join(undefined)
    expect(() => audience.join(undefined)).toThrow('seats are taken')
  })

  it('leaves no timer and tells nothing more when it is closed', () => {
    const { viewer, release } = audience.join(undefined)
    audience.join(undefined)
    release(false)
    audience.sawHttpSession('somebody')
    audience.close('shutting-down')
    const before = told.length
    audience.sourceChanged()
    expect([clock.timers, told.length - before, viewer.isClosed]).toEqual([0, 0, true])
  })
})
