import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { placeConfiguration } from '../../../helpers/nginx.ts'

const text = await readFile(new URL('../../../../server/deploy/nginx-cache.conf', import.meta.url), 'utf8')
const places = { port: 4001, upstreamPort: 4002, folder: '/tmp/x', user: 'me' }

describe('the cache configuration as the bench uses it', () => {
  it('has other ports, paths and user, and is the same else', () => {
    const placed = placeConfiguration(text, places)
    const before = text.split('\n')
    const changed = placed.split('\n').flatMap((line, index) => (line === before[index] ? [] : [line.trim()]))
    expect(changed.map((line) => line.replace(/ levels.*/, ''))).toEqual([
      'user me;',
      'pid /tmp/x/nginx.pid;',
      'error_log /tmp/x/error.log warn;',
      'proxy_cache_path /tmp/x/cache',
      'server 127.0.0.1:4002;',
      'listen 127.0.0.1:4001;',
    ])
  })

  it('is not used when a place is not where it was', () => {
    expect(() => placeConfiguration(text.replace('listen 80;', 'listen 81;'), places)).toThrow('listen 80;')
  })
})
