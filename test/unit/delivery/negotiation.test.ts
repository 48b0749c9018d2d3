import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { chooseEncoding, isNotModified } from '../../../server/delivery/negotiation.ts'
import { makePlaylistBytes, PlaylistCache } from '../../../server/delivery/PlaylistCache.ts'

describe('chooseEncoding', () => {
  it.each([
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['GZIP;q=0.5', 'gzip'],
    ['br;q=0, gzip;q=1', 'gzip'],
    ['*', 'br'],
    ['*;q=0', null],
    ['identity', null],
    ['gzip;q=nonsense', null],
    ['', null],
    [undefined, null],
  ])('answers %s with %s', (header, coding) => {
    expect(chooseEncoding(header, ['br', 'gzip'])).toBe(coding)
  })
})

describe('isNotModified', () => {
  it.each([
    ['W/"abc"', true],
    ['"abc"', true],
    ['"x", W/"abc"', true],
    ['*', true],
    ['"abcd"', false],
    ['', false],
    [undefined, false],
  ])('answers %s with %s', (header, same) => {
    expect(isNotModified(header, 'W/"abc"')).toBe(same)
  })
})

describe('PlaylistCache', () => {
  it('compresses a version once, however many ask', async () => {
    const cache = new PlaylistCache()
    const text = `#EXTM3U\n${'x'.repeat(500)}`
    const [first, second] = await Promise.all([cache.get(text).gzipped(), cache.get(`${text}`).gzipped()])
    expect(second).toBe(first)
    expect(gunzipSync(first).toString()).toBe(text)
  })

  it('keeps a bounded number of versions', () => {
    const cache = new PlaylistCache(4)
    for (let index = 0; index < 100; index++) cache.get(`#EXTM3U\n${index}`)
    expect(cache.size).toBe(4)
  })

  it('gives each version a tag of its own', () => {
    expect(makePlaylistBytes('a').etag).toBe(makePlaylistBytes('a').etag)
    expect(makePlaylistBytes('a').etag).not.toBe(makePlaylistBytes('b').etag)
  })
})
