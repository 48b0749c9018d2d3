/** What can be watched of a packager's renditions now. */
import type { AudioLane } from './AudioLane.ts'
import type { RenditionFacts } from './multivariantPlaylist.ts'
import type { Rendition } from './Rendition.ts'
import type { VideoLane } from './VideoLane.ts'

/**
 * Video from the lowest layer up, then audio: all that have media in their listed window. A rung whose newest segment is a
 * gap, or whose segment under way is seen to be one, is left out as long as there are others: nobody is led to a dead one.
 */
export function factsOf(lanes: readonly VideoLane[], audio: AudioLane): RenditionFacts[] {
  const listed = lanes.filter((lane) => lane.facts && listsMedia(lane.rendition))
  const alive = listed.filter((lane) => !endsInGap(lane.rendition))
  const facts: RenditionFacts[] = []
  for (const lane of alive.length > 0 ? alive : listed) {
    if (!lane.facts) continue
    const { codec, width, height } = lane.facts
    const { frameRate, pictureBandwidth } = lane.rendition.rates
    const picture = { codecs: codec, width, height, frameRate, pictureBandwidth }
    facts.push({ ...common(lane), kind: 'video', ...picture, channels: 0 })
  }
  const { rendition, config, present } = audio
  if (rendition && config && listsMedia(rendition)) {
    const { codec, channels } = config
    const without = { width: 0, height: 0, frameRate: 0 }
    facts.push({ ...common({ rendition, present }), kind: 'audio', codecs: codec, ...without, channels })
  }
  return facts
}

/** Whether a player finds something to play. */
export function listsMedia(rendition: Rendition): boolean {
  return rendition.store.listed.some((segment) => !segment.gap)
}

function endsInGap({ store: { listed, open } }: Rendition): boolean {
  return Boolean(listed.at(-1)?.gap || (open?.gap && open.gapParts.length > 0))
}

function common({ rendition, present }: { rendition: Rendition; present: boolean }) {
  const { id, rates } = rendition
  return { id, present, bandwidth: rates.bandwidth, averageBandwidth: rates.averageBandwidth }
}
