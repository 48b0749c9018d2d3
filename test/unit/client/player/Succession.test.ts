import { describe, expect, it } from 'vitest'
import { Emitter } from '../../../../client/lib/Emitter.ts'
import { NO_FIGURES } from '../../../../client/player/figures.ts'
import type { Player, PlayerEvents } from '../../../../client/player/Player.ts'
import { Succession } from '../../../../client/player/Succession.ts'
import { ManualClock } from '../../../helpers/packager/ManualClock.ts'

/** Plays so many milliseconds behind a server's clock that is the test's, unless it stands. */
class FakePlayer extends Emitter<PlayerEvents> implements Player {
  readonly video = { seeking: false, paused: false } as HTMLVideoElement
  readonly transport = 'llhls'
  readonly ladder = []
  /** When what it stands at was captured; null while it plays. */
  stands: number | null = null
  readonly #clock: ManualClock
  readonly #behind: number

  constructor(clock: ManualClock, behind: number) {
    super()
    this.#clock = clock
    this.#behind = behind
  }

  override emit<Name extends keyof PlayerEvents>(name: Name, ...args: PlayerEvents[Name]): void {
    super.emit(name, ...args)
  }

  waitAt = (capturedAt: number) => {
    this.stands = capturedAt
  }
  latency = () => this.#behind / 1000
  least = () => null
  capturedAt = (): number | null => this.stands ?? this.#clock.now() - this.#behind
  figures = async () => NO_FIGURES
  close = () => {}
}

function begin() {
  const clock = new ManualClock()
  const [former, next] = [new FakePlayer(clock, 2_000), new FakePlayer(clock, 3_000)]
  const outcome: string[] = []
  const succession = Succession.create({
    former,
    next,
    clock,
    onReady: () => outcome.push('ready'),
    onFailed: () => outcome.push('failed'),
  })
  const pass = (ms: number) => clock.advanceTo(clock.now() + ms)
  return { clock, former, next, outcome, succession, pass }
}

describe('a succession', () => {
  it('lets the next wait a little ahead, and is ready when what is seen has come there', () => {
    const { former, next, outcome, pass, clock } = begin()
    pass(1_000)
    next.emit('frame')
    const seen = former.capturedAt() ?? Number.NaN
    expect(next.stands).toBe(seen + 400)
    pass(280)
    expect(outcome).toEqual([])
    pass(40)
    expect(outcome).toEqual(['ready'])
    pass(60_000)
    expect([outcome, clock.timers]).toEqual([['ready'], 0])
  })

  it('waits for a seek that is under way', () => {
    const { next, outcome, pass } = begin()
    next.emit('frame')
    Object.assign(next.video, { seeking: true })
    pass(1_000)
    expect(outcome).toEqual([])
    Object.assign(next.video, { seeking: false })
    pass(40)
    expect(outcome).toEqual(['ready'])
  })

  it('is ready at once where the former has come to a halt, or one of them does not know what it shows', () => {
    const halted = begin()
    halted.former.stands = halted.former.capturedAt()
    halted.next.emit('frame')
    halted.pass(400)
    expect(halted.outcome).toEqual([])
    halted.pass(40)
    expect(halted.outcome).toEqual(['ready'])

    const unknown = begin()
    unknown.next.capturedAt = () => null
    unknown.next.emit('frame')
    unknown.pass(40)
    expect(unknown.outcome).toEqual(['ready'])
  })

  it('waits for three seconds at most where the next is far ahead', () => {
    const { clock, next, outcome, pass } = begin()
    next.waitAt = () => {
      next.stands = clock.now() + 60_000
    }
    next.emit('frame')
    pass(2_960)
    expect(outcome).toEqual([])
    pass(40)
    expect(outcome).toEqual(['ready'])
  })

  it('has failed when no frame came within fifteen seconds, what is seen was stopped, or the next is over', () => {
    const late = begin()
    late.pass(14_999)
    expect(late.outcome).toEqual([])
    late.pass(1)
    late.next.emit('frame')
    late.pass(9_000)
    expect([late.outcome, late.clock.timers]).toEqual([['failed'], 0])

    const broken = begin()
    broken.next.emit('frame')
    broken.next.emit('failed', 'codec')
    broken.pass(9_000)
    expect(broken.outcome).toEqual(['failed'])

    const stopped = begin()
    Object.assign(stopped.former.video, { paused: true })
    stopped.next.emit('frame')
    stopped.pass(40)
    expect(stopped.outcome).toEqual(['failed'])

    const over = begin()
    over.next.emit('ended')
    expect(over.outcome).toEqual(['failed'])
  })

  it('never is, once it was called off', () => {
    const { clock, next, outcome, succession, pass } = begin()
    succession.close()
    next.emit('frame')
    next.emit('ended')
    pass(60_000)
    expect([outcome, clock.timers]).toEqual([[], 0])
  })
})
