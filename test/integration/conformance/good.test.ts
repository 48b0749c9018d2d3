/** A server that keeps all rules, and what the suite says of it. */
import { describe, expect, it } from 'vitest'
import { conform } from '../../conformance/conform.ts'
import { faultsOf, renderReport } from '../../conformance/report.ts'
import { Origin } from '../../helpers/hlsOrigin/Origin.ts'

describe('the conformance suite on a server that keeps the rules', () => {
  it('finds nothing in a live broadcast, and sees to every rule but those of an end and a standstill', async ({
    annotate,
  }) => {
    await using origin = await Origin.create()
    const report = await conform(origin.url, { seconds: 5 })
    await annotate(renderReport(report).join('\n'))
    expect(faultsOf(report)).toEqual([])
    const unseen = report.results.filter(({ verdict }) => verdict === 'not seen').map(({ name }) => name)
    expect(unseen).toEqual(['requests/waits-no-longer', 'requests/ended'])
  })

  it('finds nothing in a hint for a part that turns out to be missing', async () => {
    const missing = 21
    const file = new RegExp(`v1/${missing}\\.`)
    await using origin = await Origin.create({
      playlist: (text, { name }) => (name === 'v1' || name === 'iframes' ? without(text, missing) : text),
      status: ({ name }, status) => (file.test(name) ? 404 : status),
      // The refusal comes after the playlist that says so.
      delay: ({ name }) => (file.test(name) ? 300 : 0),
    })
    const report = await conform(origin.url, { seconds: 5 })
    expect(faultsOf(report)).toEqual([])
    expect(report.results.find(({ name }) => name === 'preload-hint/held')?.verdict).toBe('kept')
  })

  it('ends with the broadcast, and finds nothing in its end', async () => {
    await using origin = await Origin.create({ stop: { after: 12, ended: true } })
    const begun = performance.now()
    const report = await conform(origin.url, { seconds: 60 })
    expect(performance.now() - begun).toBeLessThan(30_000)
    expect(faultsOf(report)).toEqual([])
    expect(report.results.find(({ name }) => name === 'requests/ended')?.verdict).toBe('kept')
  })

  it('finds nothing in a server that stands still for a while', async () => {
    await using origin = await Origin.create({ stop: { after: 4, ended: false } })
    const report = await conform(origin.url, { seconds: 5 })
    expect(faultsOf(report)).toEqual([])
    expect(report.results.find(({ name }) => name === 'requests/waits-no-longer')?.verdict).toBe('kept')
  })

  it('says that low latency is not offered where it is not, and judges the rest', async () => {
    const plain = (text: string) => text.replaceAll(/#EXT-X-(PART|SERVER|PRELOAD|RENDITION).*\n/g, '')
    await using origin = await Origin.create({ playlist: plain })
    const report = await conform(origin.url, { seconds: 4 })
    expect(faultsOf(report)).toEqual([])
    const reasons = report.results.filter(({ name }) => /^(parts|preload-hint)/.test(name)).map(({ reason }) => reason)
    expect(new Set(reasons)).toEqual(new Set(['low latency is not offered']))
  })

  it('survives a server that is away, reads a media playlist alone, and stops when it is told to', async () => {
    // Nobody listens on this port.
    expect(faultsOf(await conform('http://127.0.0.1:9/index.m3u8', { seconds: 1 }))).toEqual(['no playlist came'])
    await using origin = await Origin.create({ status: ({ tick }, status) => (tick > 84 && tick < 88 ? 503 : status) })
    const stop = new AbortController()
    const recording = conform(origin.url.replace('index', 'v1'), { seconds: 60, signal: stop.signal })
    setTimeout(() => stop.abort(), 4000)
    const report = await recording
    expect(report.seen.map(({ name, outages }) => [name, outages.map(({ why }) => why)])).toEqual([
      ['v1.m3u8', ['503']],
    ])
    expect(faultsOf(report)).toEqual([])
  })
})

/** A playlist of `v1` which lacks one segment, announced as any other until its first part is due. */
function without(text: string, segment: number): string {
  return text
    .replace('#EXT-X-VERSION:6', '#EXT-X-VERSION:8')
    .replaceAll(new RegExp(`(#EXT-X-PART:DURATION=[^,]+,URI="v1/${segment}\\.\\d+\\.m4s").*`, 'g'), '$1,GAP=YES')
    .replace(new RegExp(`#EXTINF:.*\\n(#EXT-X-BYTERANGE:.*\\n)?v1/${segment}\\.m4s`), '#EXT-X-GAP\n$&')
    .replace(new RegExp(`#EXT-X-PRELOAD-HINT:.*v1/${segment}\\.[1-9].*\\n`), '')
}
