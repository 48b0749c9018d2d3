/** Checks of Playlist Delta Updates. */
import { type Check, type Look, mediaRenditions } from '../check.ts'
import { parseMediaPlaylist } from '../playlist/media.ts'
import type { DeltaPair, Recording } from '../record/Record.ts'
import { applyDelta, differences, skippable, skipped } from './delta.ts'

export const deltaChecks: readonly Check[] = [
  pairs(
    'delta/equal',
    'a delta update, applied to what the client had, is the full playlist of the same version (6.2.5.1, 6.3.7)',
    ({ base, delta, full }) => {
      const applied = applyDelta(base, delta)
      return applied === null ? 'it skips what the client never had' : differences(applied, full)
    },
  ),
  pairs(
    'delta/boundary',
    'a delta update leaves out what is further from the end of the last segment than CAN-SKIP-UNTIL, and nothing else (6.2.5.1)',
    ({ delta, full }) => {
      const { ended, serverControl } = parseMediaPlaylist(full)
      if (ended) return skipped(delta) === null ? null : 'leaves something out behind the end'
      const most = skippable(full, serverControl?.canSkipUntil ?? Number.POSITIVE_INFINITY)
      const count = skipped(delta) ?? 0
      // Whether a segment across the boundary is "further" is not said; a client has it anyway.
      return count === most || count === most + 1
        ? null
        : `leaves out ${count} segments, ${most} are beyond the boundary`
    },
  ),
  pairs('delta/version', 'a playlist with EXT-X-SKIP says EXT-X-VERSION 9 or more (section 8)', ({ delta }) => {
    const { version } = parseMediaPlaylist(delta)
    return skipped(delta) === null || version >= 9 ? null : `says ${version}`
  }),
]

function pairs(name: string, rule: string, wrong: (pair: DeltaPair) => string | null): Check {
  const run = (recording: Recording, look: Look) => {
    const all = mediaRenditions(recording)
    if (all.every(({ deltas }) => deltas.length === 0)) look.skip('no delta update was seen')
    for (const { name: where, deltas } of all) {
      for (const pair of deltas) {
        const what = wrong(pair)
        look.expect(what === null, where, () => what ?? '')
      }
    }
  }
  return { name, rule, run }
}
