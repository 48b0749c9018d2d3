import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MediaDesk } from '../../../../client/studio/MediaDesk.ts'
import { ManualClock } from '../../../helpers/packager/ManualClock.ts'

class FakeTrack extends EventTarget {
  readyState = 'live'
  enabled = true
  readonly deviceId: string
  constructor(deviceId: string) {
    super()
    this.deviceId = deviceId
  }
  getSettings = () => ({ deviceId: this.deviceId })
  stop = () => {
    this.readyState = 'ended'
  }
}

/** Questions for a device that are open, in order: the test answers them with a track. */
let questions: ((track: FakeTrack) => void)[]
let desk: MediaDesk

const ask = () =>
  new Promise((resolve) => {
    questions.push((track) =>
      resolve({ getTracks: () => [track], getVideoTracks: () => [track], getAudioTracks: () => [] }),
    )
  })
const asked = (count: number) => expect.poll(() => questions.length).toBe(count)

beforeEach(() => {
  questions = []
  vi.stubGlobal('isSecureContext', true)
  vi.stubGlobal('RTCPeerConnection', class {})
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: ask, getDisplayMedia: ask } })
  desk = new MediaDesk(new ManualClock())
})
afterEach(() => vi.unstubAllGlobals())

describe('MediaDesk', () => {
  it('opens devices one after the other: of two quick choices the later one counts', async () => {
    const [first, second] = [new FakeTrack('first'), new FakeTrack('second')]
    const both = Promise.all([desk.chooseMicrophone('first'), desk.chooseMicrophone('second')])
    await asked(1)
    questions[0]?.(first)
    await asked(2)
    questions[1]?.(second)
    await both
    expect(desk.inUse.microphone).toBe('second')
    expect([first.readyState, second.readyState]).toEqual(['ended', 'live'])
  })

  it.each([
    ['camera and microphone', () => desk.open()],
    ['a microphone', () => desk.chooseMicrophone('late')],
    ['a screen', () => desk.shareScreen()],
  ])('switches %s off again that opened after it was closed', async (_, open) => {
    const opening = open()
    await asked(1)
    desk.close()
    const late = new FakeTrack('late')
    questions[0]?.(late)
    await expect(opening).rejects.toThrow('closed')
    expect(late.readyState).toBe('ended')
    expect(desk.hasTracks).toBe(false)
  })

  it('asks for nothing more once it is closed', async () => {
    desk.close()
    await expect(desk.open()).rejects.toThrow('closed')
    await expect(desk.chooseMicrophone('any')).rejects.toThrow('closed')
    expect(questions).toEqual([])
  })
})
