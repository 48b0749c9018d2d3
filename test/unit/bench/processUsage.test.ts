import { describe, expect, it } from 'vitest'
import { srtpOf } from '../../bench/machine.ts'
import { cpuTime, parseCpuTicks, parsePrivateMemory, privateMemory, roleOf } from '../../bench/processUsage.ts'

describe('what /proc tells about a process', () => {
  it('is its CPU time, whatever its name looks like', () => {
    const stat = '42 (a) b (c) S 1 42 42 0 -1 4194304 100 0 0 0 250 50 7 7 20 0 1 0 100 1000 10'
    expect(parseCpuTicks(stat)).toBe(300)
    expect(() => parseCpuTicks('42 (gone')).toThrow('no CPU times')
  })

  it('is its private memory, clean and dirty, without what it shares', () => {
    const rollup =
      'Rss:  90 kB\nShared_Clean:  50 kB\nPrivate_Clean:  10 kB\nPrivate_Dirty:  20 kB\nPrivate_Hugetlb:  0 kB\n'
    expect(parsePrivateMemory(rollup)).toBe(30 * 1024)
    expect(() => parsePrivateMemory('')).toThrow('no private memory')
  })

  it('is true of this very process', () => {
    const begun = process.cpuUsage()
    const before = cpuTime(process.pid)
    // Six ticks of the kernel's count, as this process itself counts.
    for (let spent = 0; spent < 60_000; ) {
      const { user, system } = process.cpuUsage(begun)
      spent = user + system
    }
    expect(cpuTime(process.pid)).toBeGreaterThan(before)
    const memory = privateMemory(process.pid)
    expect(memory).toBeGreaterThan(1e6)
    expect(memory).toBeLessThan(process.memoryUsage.rss() * 1.5)
  })

  it('is which part of the server it is', () => {
    expect(roleOf('/cache/mediasoup-worker --logLevel=warn')).toBe('worker')
    expect(roleOf('/usr/bin/ffmpeg -i x')).toBe('ffmpeg')
    expect(roleOf('/bin/sh -c ffmpeg')).toBe('other')
  })

  it.each([
    ['/lib/libsrtp2.so.1\n/lib/libnss3.so', "the system's libsrtp on NSS"],
    ['/lib/libsrtp2.so.1\n/lib/libcrypto.so.3', "the system's libsrtp on OpenSSL"],
    ['/lib/libcrypto.so.3', 'libsrtp inside the worker'],
  ])('is which libsrtp it has: %j', (maps, words) => {
    expect(srtpOf(maps)).toBe(words)
  })
})
