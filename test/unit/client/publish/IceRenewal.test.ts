import { describe, expect, it } from 'vitest'
import { IceRenewal, renewalDelay } from '../../../../client/publish/IceRenewal.ts'
import { ManualClock, START } from '../../../helpers/packager/ManualClock.ts'

const turn = (seconds: number, now = START) => ({ urls: ['turn:host'], username: `${now / 1000 + seconds}:user` })
const stun = { urls: ['stun:host'] }

describe('the time until TURN credentials are renewed', () => {
  it.each([
    ['half of a life of a minute', [stun, turn(60)], START, 30_000],
    ['four minutes at most, for a day of life', [turn(86_400)], START, 240_000],
    ['half of the shortest life of several', [turn(400), turn(100)], START, 50_000],
    ['20 seconds at least, for credentials that have expired', [turn(-5)], START, 20_000],
    ["20 seconds while the server's clock is not known", [turn(600)], null, 20_000],
    ['four minutes without any that expire', [stun, { urls: ['turn:other'], username: 'fixed' }], START, 240_000],
  ])('is %s', (_, servers, now, delay) => {
    expect(renewalDelay(servers, now)).toBe(delay)
  })
})

describe('IceRenewal', () => {
  it('asks in time again and again, uses what it gets, and goes on after an answer that did not come', async () => {
    const clock = new ManualClock()
    const used: unknown[] = []
    let answers = false
    const ask = async () => (answers ? { iceServers: [turn(60, clock.now())] } : Promise.reject(new Error('gone')))
    const renewal = new IceRenewal({ clock, serverNow: () => clock.now(), ask, use: (servers) => used.push(servers) })
    renewal.plan([turn(60)])
    renewal.plan([turn(60)])
    expect(clock.timers).toBe(1)
    clock.advanceTo(START + 30_000)
    await expect.poll(() => clock.timers).toBe(1)
    expect(used).toEqual([])
    answers = true
    clock.advanceTo(START + 50_000)
    await expect.poll(() => used).toEqual([[turn(60, START + 50_000)]])
    expect(clock.timers).toBe(1)
    renewal.close()
    renewal.plan([turn(60)])
    expect(clock.timers).toBe(0)
  })
})
