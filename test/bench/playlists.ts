/** In charge of finding addresses in HLS playlists, independently of the code that writes them. Pure. */

/** Of a multivariant playlist: the variants, and the renditions that `EXT-X-MEDIA` names. */
export function playlistUris(text: string): { variants: string[]; renditions: string[] } {
  return { variants: plainLines(text), renditions: attributeUris(text, 'EXT-X-MEDIA') }
}

/** Of a media playlist: its init segments, its segments and the parts it lists, gaps left out. */
export function mediaUris(text: string): { maps: string[]; segments: string[]; parts: string[] } {
  // A gap's address follows its tag, with other tags between (8216bis, section 4.4.4.7); a part says it itself (4.4.4.9).
  const withoutGaps = text.replaceAll(/^#EXT-X-GAP\n(?:#.*\n)*.*$/gm, '').replaceAll(/^#EXT-X-PART:.*GAP=YES.*$/gm, '')
  return {
    maps: attributeUris(text, 'EXT-X-MAP'),
    segments: plainLines(withoutGaps),
    parts: attributeUris(withoutGaps, 'EXT-X-PART'),
  }
}

function plainLines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

function attributeUris(text: string, tag: string): string[] {
  return text
    .split('\n')
    .flatMap((line) => (line.startsWith(`#${tag}:`) ? (/URI="([^"]*)"/.exec(line)?.[1] ?? []) : []))
}
