import { describe, expect, it } from 'vitest'
import { parseHlsAddress } from '../../../server/delivery/hlsAddress.ts'

const id = 'AAAAbbbb0000-_-_'

describe('parseHlsAddress', () => {
  it('reads the three kinds of address', () => {
    expect(parseHlsAddress(`/hls/${id}/index.m3u8`)).toEqual({ kind: 'multivariant', id })
    expect(parseHlsAddress(`/hls/${id}/video0/playlist.m3u8`)).toEqual({ kind: 'playlist', id, rendition: 'video0' })
    expect(parseHlsAddress(`/hls/${id}/video0/iframes.m3u8`)).toEqual({ kind: 'iframes', id, rendition: 'video0' })
    expect(parseHlsAddress(`/hls/${id}/audio/x7.12.m4s`)).toEqual({
      kind: 'media',
      id,
      rendition: 'audio',
      name: 'x7.12.m4s',
    })
  })

  it.each([
    `/hls/${id}`,
    `/hls/${id}/`,
    `/hls/short/index.m3u8`,
    `/hls/${id}x/index.m3u8`,
    `/hls/${id}/video/index.m3u8`,
    `/hls/${id}/video/secret.txt`,
    `/hls/${id}/../../etc/passwd.mp4`,
    `/hls/${id}/%2e%2e/x.mp4`,
    `/hls/${id}/video/..%2fx.mp4`,
    `/hls/${id}/video/.mp4`,
    `/hls/${id}/video/../x.mp4`,
    `/hls/${id}/${'v'.repeat(33)}/x.mp4`,
    `/hls/${id}/video/${'v'.repeat(200)}.mp4`,
    `/hls//index.m3u8`,
    `/hls/${id}/index.m3u8\n`,
  ])('knows nothing at %s', (path) => {
    expect(parseHlsAddress(path)).toBeNull()
  })
})
