/** Checks of I-frame playlists. */
import type { Check } from '../check.ts'

export const iFrameChecks: readonly Check[] = [
  {
    name: 'i-frames/present',
    rule: 'a multivariant playlist with video has an I-frame playlist (4.4.6.3; authoring specification 6.1)',
    run: ({ multivariants }, look) => {
      const { playlist, exchange } = multivariants.at(-1) ?? {}
      if (!playlist) return look.skip('the address is no multivariant playlist')
      const pictures = playlist.variants.some(({ resolution }) => resolution !== null)
      if (!pictures) return look.skip('there is no video')
      look.expect(playlist.iFrames.length > 0, exchange?.url ?? '', () => 'no EXT-X-I-FRAME-STREAM-INF')
    },
  },
  {
    name: 'i-frames/ranges',
    rule: 'an I-frame playlist says EXT-X-I-FRAMES-ONLY, and each of its ranges begins with an IDR (4.4.3.6)',
    run: ({ renditions }, look) => {
      const lists = [...renditions.values()].filter(({ role }) => role === 'i-frames')
      if (lists.length === 0) return look.skip('there is no I-frame playlist')
      for (const { name, snapshots, segments } of lists) {
        const last = snapshots.at(-1)?.playlist
        if (!last) continue
        look.expect(last.iFramesOnly, name, () => 'EXT-X-I-FRAMES-ONLY is missing')
        look.expect(last.version >= 4, name, () => `EXT-X-VERSION is ${last.version}`)
        for (const { listed, file } of segments.values()) {
          if (listed.gap || !file) continue
          const [first] = file.facts?.fragments ?? []
          const why = () => file.problem ?? 'it begins with something else'
          look.expect(first?.independent ?? false, `${name} ${listed.uri}`, why)
        }
      }
    },
  },
]
