import { beforeEach, describe, expect, it } from 'vitest'
import { Emitter } from '../../../../client/lib/Emitter.ts'
import type { Front } from '../../../../client/player/Front.ts'
import { NO_FIGURES } from '../../../../client/player/figures.ts'
import { HttpAttempts, type HttpAttemptsOptions } from '../../../../client/player/HttpAttempts.ts'
import type { Player, PlayerEvents } from '../../../../client/player/Player.ts'
import type { Report } from '../../../../client/player/policyState.ts'
import { ManualClock } from '../../../helpers/packager/ManualClock.ts'

class FakePlayer extends Emitter<PlayerEvents> implements Player {
  readonly video = { seeking: false, paused: false } as HTMLVideoElement
  readonly transport = 'llhls'
  readonly ladder = []
  renewed = 0
  latency = () => 2
  least = () => null
  capturedAt = () => null
  renew = () => this.renewed++
  figures = async () => NO_FIGURES
  close = () => {}
  override emit<Name extends keyof PlayerEvents>(name: Name, ...args: PlayerEvents[Name]): void {
    super.emit(name, ...args)
  }
}

/** Whose picture is seen, and what became of the others. */
class FakeFront {
  shown: Player | null = null
  isMoving = true
  readonly retired: Player[] = []
  noticeFlow = () => {}
  retire = (player: Player) => this.retired.push(player)
  succeed = (former: Player, next: Player) => {
    this.retired.push(former)
    this.shown = next
  }
}

describe('attempts over HTTP', () => {
  let clock: ManualClock
  let front: FakeFront
  let made: FakePlayer[]
  let told: Report[]
  let http: 'preparing' | 'ready'
  let attempts: HttpAttempts

  beforeEach(() => {
    clock = new ManualClock()
    front = new FakeFront()
    made = []
    told = []
    http = 'ready'
    const createHttpPlayer = () => {
      made.push(new FakePlayer())
      return made.at(-1) ?? null
    }
    attempts = new HttpAttempts({
      session: {
        view: {
          get http() {
            return http
          },
        },
      },
      stage: { hold() {} },
      clock,
      front: front as unknown as Front,
      tell: (report: Report) => told.push(report),
      load: async () => ({ createHttpPlayer }),
    } as unknown as HttpAttemptsOptions)
  })

  /** An HLS whose picture is seen. */
  async function begun(): Promise<FakePlayer> {
    attempts.start('hls')
    await Promise.resolve()
    const [player] = made
    if (!player) throw new Error('no player was made')
    front.shown = player
    return player
  }

  it('begin once the server has media, and once only', async () => {
    http = 'preparing'
    attempts.start('hls')
    await Promise.resolve()
    expect(made).toHaveLength(0)
    http = 'ready'
    attempts.start('hls')
    attempts.start('hls')
    await Promise.resolve()
    attempts.start('hls')
    expect([made.length, attempts.get('hls')]).toEqual([1, made[0]])
  })

  it('are succeeded, when there is more than they can play, by one of which nothing is heard before it is seen', async () => {
    const former = await begun()
    former.emit('outdated')
    former.emit('outdated')
    const [, next] = made
    expect([made.length, former.renewed]).toEqual([2, 0])
    next?.emit('flow', { rtp: true, frames: true, stuck: false, lost: 0, expected: 0 })
    next?.emit('frame')
    expect([told, attempts.get('hls')]).toEqual([[], former])
    clock.advanceTo(clock.now() + 40)
    expect([attempts.get('hls'), front.shown, front.retired]).toEqual([next, next, [former]])
    former.emit('failed', 'connection')
    next?.emit('ended')
    expect(told).toEqual([{ kind: 'http:ended', via: 'hls' }])
  })

  it('begin anew in their place where no picture moves that would be missed', async () => {
    const player = await begun()
    front.isMoving = false
    player.emit('outdated')
    front.isMoving = true
    front.shown = null
    player.emit('outdated')
    expect([made.length, player.renewed]).toEqual([1, 2])
  })

  it('play on where their successor gets no picture, which is not tried again for a minute', async () => {
    const player = await begun()
    player.emit('outdated')
    clock.advanceTo(clock.now() + 15_000)
    expect([attempts.get('hls'), front.retired]).toEqual([player, [made[1]]])
    clock.advanceTo(clock.now() + 59_000)
    player.emit('outdated')
    expect([made.length, player.renewed]).toEqual([2, 0])
    clock.advanceTo(clock.now() + 1_000)
    player.emit('outdated')
    expect(made).toHaveLength(3)
  })

  it('leave nothing behind when they are stopped or closed, a successor that gets ready included', async () => {
    const player = await begun()
    player.emit('outdated')
    attempts.stop('hls')
    expect([front.retired, clock.timers]).toEqual([[made[1], player], 0])
    attempts.start('hls')
    attempts.close()
    await Promise.resolve()
    expect([made.length, clock.timers]).toEqual([2, 0])
  })
})
