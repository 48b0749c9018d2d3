import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../server/lib/clock.ts'
import { Metrics } from '../../../server/ops/metrics.ts'
import { WorkerPool } from '../../../server/sfu/WorkerPool.ts'
import { findFreePorts } from '../../helpers/freePorts.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

async function createPool(size: number, first?: number): Promise<WorkerPool> {
  const port = first ?? (await findFreePorts(size))
  return WorkerPool.create({
    size,
    listenInfos: (slot) => [
      { protocol: 'udp', ip: '127.0.0.1', port: port + slot },
      { protocol: 'tcp', ip: '127.0.0.1', port: port + slot },
    ],
    loadLimit: 1,
    guarded: new Metrics().counter('guarded_total', 'none'),
    limits: { maxIncomingBitrate: 10_000_000, keyFrameRequestDelay: 250 },
    clock: systemClock,
    log: pino({ level: 'silent' }),
  })
}

describe('the pool of media workers', () => {
  it('puts routers on the least loaded worker', async () => {
    const pool = await createPool(2)
    const routers = [await pool.createRouter(), await pool.createRouter()]
    const gone: string[] = []
    for (const router of routers) router.once('closed', (reason) => gone.push(reason))
    process.kill(pool.pids[0] ?? 0, 'SIGKILL')
    await waitFor('one router is gone', () => gone.length > 0)
    expect(gone).toEqual(['worker-died'])
    await waitFor('the worker is replaced on its port', () => pool.isWhole)
    await pool.close()
  })

  it('takes no viewer’s line for one that carries less than the lowest layer and the sound', async () => {
    const pool = await createPool(1)
    const transport = await (await pool.createRouter()).createViewerTransport()
    expect(await transport.getStats()).toMatchObject([{ minOutgoingBitrate: 250_000 }])
    await pool.close()
  })

  it('makes routers again after every worker died', async () => {
    const pool = await createPool(1)
    const [first] = pool.pids
    process.kill(first ?? 0, 'SIGKILL')
    await waitFor('the worker is seen dead', () => pool.pids[0] !== first)
    const router = await pool.createRouter()
    expect(router.publisherCapabilities.headerExtensions.map(({ uri }) => uri)).not.toContain(
      'urn:3gpp:video-orientation',
    )
    await pool.close()
  })

  it('ends a worker that does not end by itself', async () => {
    const pool = await createPool(1)
    process.kill(pool.pids[0] ?? 0, 'SIGSTOP')
    await pool.close()
  })

  it('says so when a port is taken, and leaves no worker behind', async () => {
    const port = await findFreePorts(2)
    const pool = await createPool(1, port + 1)
    await expect(createPool(2, port)).rejects.toThrow(/^WebRTC media cannot listen: .*in use.*NEARCAST_RTC_PORT/)
    await pool.close()
  })

  it('refuses routers after it closed, and closes twice without harm', async () => {
    const pool = await createPool(1)
    await pool.close()
    await pool.close()
    await expect(pool.createRouter()).rejects.toMatchObject({ code: 'sfu-unavailable' })
  })
})
