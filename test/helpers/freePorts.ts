/** In charge of port numbers that nobody uses now, for programs that cannot be told to take any. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Disposer } from '../../server/lib/Disposer.ts'

/** Below the range from which the system hands out ports itself (32768 and up on Linux), so that it gives none away. */
const lowest = 20_000
const highest = 32_000

/** Ports for FFmpegs, which are bound later than they are found: each of the test files that run at once has its own. */
const tapRange = { from: 12_000, length: 2_000, files: 4 }

/** The first of `count` consecutive free ports for FFmpegs: never among those that `findFreePorts` gives out. */
export function findFreeTapPorts(count: number): Promise<number> {
  const { from, length, files } = tapRange
  // Counted from 1 by Vitest; undefined in the benchmark.
  const begin = from + (Number(process.env.VITEST_POOL_ID ?? 1) % files) * length
  return findBetween(begin, begin + length, count)
}

/** The first of `count` consecutive ports that are free for UDP and for TCP on all interfaces. */
export function findFreePorts(count = 1): Promise<number> {
  return findBetween(lowest, highest, count)
}

async function findBetween(from: number, to: number, count: number): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const base = from + Math.floor(Math.random() * (to - from - count))
    if (await canBind(base, count)) return base
  }
  throw new Error(`no ${count} consecutive free ports between ${from} and ${to}`)
}

async function canBind(base: number, count: number): Promise<boolean> {
  const opened = new Disposer()
  try {
    for (let port = base; port < base + count; port++) {
      const udp = createSocket('udp4')
      opened.add(() => void udp.close())
      udp.bind(port)
      await once(udp, 'listening')
      const tcp = createServer()
      tcp.listen(port, '0.0.0.0')
      await once(tcp, 'listening')
      opened.add(async () => {
        tcp.close()
        await once(tcp, 'close')
      })
    }
    return true
  } catch {
    return false
  } finally {
    await opened.close()
  }
}
