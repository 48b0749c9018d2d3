/** In charge of port numbers that nobody uses now, for programs that cannot be told to take any. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Disposer } from '../../server/lib/Disposer.ts'

/** Below the range from which the system hands out ports itself (32768 and up on Linux), so that it gives none away. */
const lowest = 20_000
const highest = 32_000

/** The first of `count` consecutive free ports for FFmpegs: never among those that `findFreePorts` gives out. */
export function findFreeTapPorts(count: number): Promise<number> {
  return findBetween(12_000, lowest, count)
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
