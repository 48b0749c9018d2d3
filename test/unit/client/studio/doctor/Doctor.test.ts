import { afterEach, describe, expect, it } from 'vitest'
import type { ProbeResult } from '../../../../../client/publish/probeWay.ts'
import type { Way } from '../../../../../client/publish/ways.ts'
import { Doctor, type Patient } from '../../../../../client/studio/doctor/Doctor.ts'
import { ManualClock } from '../../../../helpers/packager/ManualClock.ts'

/** What the answer to `ice-servers` names. */
const iceServers = [{ urls: ['turn:a'], username: 'u', credential: 'c' }]
let doctor: Doctor
afterEach(() => doctor.close())

function examine(bytes: () => number | null, probe?: (way: Way) => Promise<ProbeResult>) {
  const clock = new ManualClock()
  const entry = (bytesSent: number) =>
    ({ id: 'r0', type: 'outbound-rtp', kind: 'video', timestamp: clock.now(), bytesSent }) as const
  const patient: Patient = {
    door: { request: (async () => ({ iceServers })) as never },
    getStats: async () => {
      const now = bytes()
      return now === null ? null : [['r0', entry(now)] as const]
    },
  }
  doctor = Doctor.create({ patient, clock, ...(probe ? { probe } : {}) })
  return {
    look: async () => {
      await Promise.resolve()
      clock.advanceTo(clock.now() + 2000)
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

describe('Doctor', () => {
  it('looks every two seconds, remembers half a minute, and begins anew with another connection', async () => {
    let bytes: number | null = 0
    const { look } = examine(() => {
      if (bytes !== null) bytes += 1000
      return bytes
    })
    await look()
    expect(doctor.findings.vitals).toMatchObject({ span: 2000, layers: [{ bitrate: 4000 }] })
    for (let time = 0; time < 30; time++) await look()
    expect(doctor.findings.vitals?.span).toBe(30_000)
    bytes = -900
    await look()
    expect(doctor.findings.vitals).toBeNull()
    bytes = null
    await look()
    expect(doctor.findings.vitals).toBeNull()
  })

  it('tries all ways at once, tells each result as it comes', async () => {
    const waiting = new Map<string, (result: ProbeResult) => void>()
    examine(
      () => null,
      (way) => new Promise((resolve) => waiting.set(way.id, resolve)),
    )
    const tried = doctor.tryWays()
    void doctor.tryWays()
    await expect.poll(() => [...waiting.keys()]).toEqual(['udp', 'tcp', 'turn-udp'])
    expect(doctor.isTrying).toBe(true)
    waiting.get('tcp')?.({ kind: 'works', ms: 9 })
    await expect.poll(() => doctor.findings.ways).toEqual([{ id: 'tcp', result: { kind: 'works', ms: 9 } }])
    waiting.get('udp')?.({ kind: 'blocked', port: 1 })
    waiting.get('turn-udp')?.({ kind: 'no-server' })
    await tried
    expect(doctor.findings.ways?.map(({ id, result }) => [id, result.kind])).toEqual([
      ['udp', 'blocked'],
      ['tcp', 'works'],
      ['turn-udp', 'no-server'],
    ])
    expect(doctor.isTrying).toBe(false)
  })

  it('does nothing more once it is closed', async () => {
    let looks = 0
    const { look } = examine(() => ++looks)
    doctor.close()
    await look()
    await doctor.tryWays()
    expect(looks).toBe(1)
    expect(doctor.findings).toEqual({ vitals: null, ways: null })
  })
})
