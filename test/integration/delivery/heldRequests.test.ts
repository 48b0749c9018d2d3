import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HlsDoor } from '../../helpers/delivery/HlsDoor.ts'
import { START } from '../../helpers/packager/ManualClock.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let door: HlsDoor

beforeEach(async () => {
  door = await HlsDoor.create()
})
afterEach(() => door[Symbol.asyncDispose]())

describe('requests that are held', () => {
  it('are bounded for one address and in all, and counted when refused', async () => {
    const query = '?_HLS_msn=3&_HLS_part=2'
    const waiting = Array.from({ length: 6 }, () => door.playlist(query))
    await door.held(6)
    const refused = await door.playlist(query).answer
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '5'])
    expect(JSON.parse(refused.text).error.code).toBe('too-many-waiting')
    waiting.push(...['two', 'three'].map((client) => door.ask(`v0/playlist.m3u8${query}`, { 'X-Client': client })))
    await door.held(8)
    expect((await door.ask(`v0/playlist.m3u8${query}`, { 'X-Client': 'four' }).answer).status).toBe(503)
    expect((await door.playlist().answer).status).toBe(200)
    expect(door.metric('nearcast_hls_not_held_total')).toBe(2)
    door.source.addPart()
    const answers = await Promise.all(waiting.map(({ answer }) => answer))
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200))
  })

  it('make room when their client goes away', async () => {
    const waiting = [door.playlist('?_HLS_msn=3&_HLS_part=2'), door.ask('v0/run-3.2.m4s')]
    await door.held(2)
    const gone = waiting.map(({ answer }) => expect(answer).rejects.toThrow())
    for (const { leave } of waiting) leave()
    await door.held(0)
    await Promise.all(gone)
    door.source.addPart()
    expect(door.source.renderings).toBe(0)
  })

  it('make room when a connection goes away that had sent several at once', async () => {
    const line = `GET /hls/${door.id}/v0/playlist.m3u8?_HLS_msn=3&_HLS_part=2 HTTP/1.1\r\nHost: x\r\n\r\n`
    const socket = connect(door.port, '127.0.0.1')
    socket.write(line.repeat(4))
    await door.held(4)
    socket.destroy()
    await waitFor('the first is noticed', () => door.metric('nearcast_hls_held') < 4)
    door.clock.advanceTo(START + 500)
    expect(door.metric('nearcast_hls_held')).toBe(0)
  })

  it('keep a player without our signaling counted while it waits', async () => {
    const session = 's'.repeat(22)
    const waiting = door.playlist(`?session=${session}&_HLS_msn=3&_HLS_part=2`)
    await door.held(1)
    expect(door.counted).toEqual([[session, 9_000]])
    door.source.addPart()
    await waiting.answer
    expect(door.counted).toEqual([
      [session, 9_000],
      [session, 0],
    ])
  })
})
