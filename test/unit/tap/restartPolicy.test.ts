import { describe, expect, it } from 'vitest'
import {
  calmAfterMs,
  type EndReason,
  failuresBeforeGivingUp,
  type RestartDecision,
  restartPolicy,
} from '../../../server/tap/restartPolicy.ts'

const restart = (afterMs: number, failures: number): RestartDecision => ({ kind: 'restart', afterMs, failures })

describe('restartPolicy', () => {
  it.each<[string, number, number, EndReason, RestartDecision]>([
    ['restarts at once after the first failure', 0, 2_000, 'ffmpeg-exited', restart(0, 1)],
    ['waits a little after the second', 1, 10, 'ffmpeg-exited', restart(250, 2)],
    ['doubles the delay', 2, 10, 'start-failed', restart(500, 3)],
    ['waits 8 s before the last try', 6, 10, 'sink-failed', restart(8_000, 7)],
    ['gives up after that', 7, 10, 'ffmpeg-exited', { kind: 'give-up', failures: failuresBeforeGivingUp }],
    ['forgets failures after a calm time', 7, calmAfterMs, 'ffmpeg-exited', restart(0, 1)],
    ['retries a silent sender for ever', 4, 5_000, 'no-output', restart(1_000, 4)],
    ['does not forget real failures because of a silent sender', 6, 5_000, 'no-output', restart(4_000, 6)],
    ['takes a layer that left for no failure', 3, 20_000, 'layer-left', restart(0, 3)],
    ['follows a change of plan at once, and takes it for no failure', 3, 6_000, 'replanned', restart(0, 3)],
    ['starts a flapping layer once a second at most', 0, 300, 'layer-left', restart(1_000, 0)],
  ])('%s', (_, failures, uptimeMs, reason, decision) => {
    expect(restartPolicy(failures, uptimeMs, reason)).toEqual(decision)
  })

  it('ends a tap that fails on and on', () => {
    let failures = 0
    let waitedMs = 0
    for (;;) {
      const decision = restartPolicy(failures, 100, 'start-failed')
      if (decision.kind === 'give-up') break
      failures = decision.failures
      waitedMs += decision.afterMs
    }
    expect({ failures, waitedMs }).toEqual({ failures: 7, waitedMs: 15_750 })
  })
})
