import { describe, expect, it } from 'vitest'
import { withLinkPreview } from '../../../server/delivery/linkPreview.ts'

const html = '<!doctype html>\n<html>\n  <head>\n    <title>Nearcast</title>\n  </head>\n  <body></body>\n</html>\n'
const preview = {
  title: 'Garden',
  isLive: true,
  url: 'https://live.example/watch/x',
  image: 'https://live.example/hls/x/poster.jpg',
}

describe('a link preview', () => {
  it('names the broadcast, its page and its picture', () => {
    const page = withLinkPreview(html, preview)
    expect(page).toContain('<title>Garden – Nearcast</title>')
    expect(page).toContain('<meta property="og:title" content="Garden" />')
    expect(page).toContain('<meta property="og:url" content="https://live.example/watch/x" />')
    expect(page).toContain('<meta property="og:image" content="https://live.example/hls/x/poster.jpg" />')
    expect(page).toContain('<meta name="twitter:card" content="summary_large_image" />')
    expect(page.match(/<\/head>/g)).toHaveLength(1)
  })

  it('describes it in the language of whoever asks', () => {
    expect(withLinkPreview(html, preview)).toContain('content="Live now. Watch in your browser."')
    expect(withLinkPreview(html, preview, 'ko')).toContain('content="지금 방송 중이에요. 브라우저에서 바로 보세요."')
  })

  it('promises no picture where there is none, and gives an untitled broadcast our name', () => {
    const page = withLinkPreview(html, { ...preview, title: '', image: null })
    expect(page).toContain('<title>Nearcast</title>')
    expect(page).toContain('<meta name="twitter:card" content="summary" />')
    expect(page).not.toContain('og:image')
  })

  it('lets no title out of its place', () => {
    const title = `"><script>alert('x')</script> $& $' </title>`
    const page = withLinkPreview(html, { ...preview, title })
    expect(page).not.toContain('<script')
    expect(page).toContain(
      '&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; $&amp; $&#39; &lt;/title&gt; – Nearcast',
    )
    expect(page.match(/<title>/g)).toHaveLength(1)
  })
})
