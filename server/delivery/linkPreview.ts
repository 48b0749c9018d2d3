/** In charge of what a link to a broadcast looks like elsewhere: title and picture in the head of its page. No I/O. */
import type { Language } from '../../shared/languages.ts'
import { escapeXml } from '../packager/xml.ts'
import { pageWords } from './pageWords.ts'

/** What may be told of a broadcast to anyone who has its link. */
export interface LinkPreview {
  /** Empty for an untitled one. */
  readonly title: string
  readonly isLive: boolean
  /** Absolute addresses of its page and of its picture; null when there is no picture to be had. */
  readonly url: string
  readonly image: string | null
}

/** The page with the title of its broadcast, and with Open Graph and Twitter's tags for previews. */
export function withLinkPreview(html: string, preview: LinkPreview, language: Language = 'en'): string {
  const { title, isLive, url, image } = preview
  const name = title || 'Nearcast'
  const described = pageWords[language][isLive ? 'liveNow' : 'watchIt']
  const tags: [attribute: 'property' | 'name', name: string, content: string][] = [
    ['property', 'og:site_name', 'Nearcast'],
    ['property', 'og:type', 'video.other'],
    ['property', 'og:title', name],
    ['property', 'og:description', described],
    ['property', 'og:url', url],
    ['name', 'twitter:card', image === null ? 'summary' : 'summary_large_image'],
    ['name', 'twitter:title', name],
  ]
  if (image !== null) {
    tags.push(
      ['property', 'og:image', image],
      ['property', 'og:image:type', 'image/jpeg'],
      ['name', 'twitter:image', image],
    )
  }
  const head = tags.map(([attribute, key, content]) => `<meta ${attribute}="${key}" content="${escapeXml(content)}" />`)
  const heading = title === '' ? 'Nearcast' : `${title} – Nearcast`
  // Functions as replacements: a title may hold `$&`, which means something in a string.
  return html
    .replace(/<title>[^<]*<\/title>/, () => `<title>${escapeXml(heading)}</title>`)
    .replace('</head>', () => `  ${head.join('\n    ')}\n  </head>`)
}
