/** A run that has not begun: gathers what the streams under way offer, until it is decided where they begin together. */
import type { AudioLane } from './AudioLane.ts'
import type { KeyFrameRequests } from './KeyFrameRequests.ts'
import { decideStart } from './start.ts'
import type { VideoClock } from './VideoClock.ts'
import type { VideoLane } from './VideoLane.ts'

interface Offer {
  /** All of them; those without an attempt under way offer nothing. */
  readonly lanes: readonly VideoLane[]
  readonly audio: AudioLane
  readonly videoClock: VideoClock
  /** Whether the run may begin at an instant: after what was published before. Milliseconds of the wall clock. */
  mayBegin(wall: number): boolean
}

export class Forming {
  readonly #requests: KeyFrameRequests
  readonly #now: () => number
  /** Since when there is something to begin with; null before. Milliseconds. */
  #since: number | null = null

  /** @param now wall clock in milliseconds */
  constructor(requests: KeyFrameRequests, now: () => number) {
    this.#requests = requests
    this.#now = now
  }

  /** The instant at which the run begins and the video renditions that do so; null to wait for more. */
  decide({ lanes, audio, videoClock, mayBegin }: Offer): { first: number; kept: readonly string[] } | null {
    const video = lanes.filter((lane) => lane.clock)
    const audible = audio.firstFrame
    if (audible === null && !video.some((lane) => lane.unplacedKeyFrames.length > 0)) {
      this.#requests.await(video)
      return null
    }
    this.#since ??= this.#now()
    const usable = (at: number | null) => at !== null && mayBegin(at)
    const decision = decideStart({
      elapsed: this.#now() - this.#since,
      video: video.map((lane) => ({
        id: lane.rendition.id,
        keyFrames: lane.unplacedKeyFrames.filter((time) => usable(videoClock.peek(time))),
      })),
      audio: audio.clock && { heard: audible !== null },
      settled: (video.length === 0 || videoClock.settled) && (!audio.clock || audio.clock.settled),
    })
    if (decision.kind === 'wait') {
      if (decision.ask) this.#requests.ask()
      return null
    }
    if (decision.kind === 'picture') return { first: videoClock.wallAt(decision.at), kept: decision.kept }
    const first = audio.clock?.wallAt(audible ?? 0)
    return first === undefined ? null : { first, kept: [] }
  }
}
