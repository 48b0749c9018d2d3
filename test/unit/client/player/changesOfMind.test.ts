import { describe, it } from 'vitest'
import { flow, frame, hlsFrame, live, tell, time } from '../../../helpers/policyStory.ts'

describe('fallbackPolicy, for a viewer who chooses,', () => {
  it('begins with HLS alone for those who prefer it smooth, and goes over when they change their mind', () => {
    tell(
      [
        [0, live, ['start-hls']],
        [900, hlsFrame, []],
        [5_000, { kind: 'prefer', prefer: 'realtime' }, ['start-webrtc']],
        [5_400, frame, []],
        [6_400, flow, ['stop-hls']],
      ],
      'smooth',
    )
  })

  it('gives up a change of mind that shows no frame within 8 s', () => {
    tell(
      [
        [0, live, ['start-hls']],
        [900, hlsFrame, []],
        [5_000, { kind: 'prefer', prefer: 'auto' }, ['start-webrtc']],
        [12_999, time, []],
        [13_000, time, ['stop-webrtc']],
      ],
      'smooth',
    )
  })
})
