/** In charge of the shape of the audience over time: steps of three ways, one above the other, as paths of SVG. Pure. */
import type { ViewerCounts } from '../../../shared/broadcast.ts'
import type { AudienceStep } from '../AudienceHistory.ts'

export const lanes = ['webrtc', 'mse', 'hls'] as const
export type Lane = (typeof lanes)[number]

export interface AudienceShape {
  /** `d` of one path a lane, the lowest first. */
  readonly paths: Readonly<Record<Lane, string>>
  /** Viewers at the upper edge. */
  readonly top: number
}

/** `now` on the clock of the steps; sizes in the units of the picture. */
export function audienceShape(
  steps: readonly AudienceStep[],
  now: number,
  { width, height }: { width: number; height: number },
): AudienceShape {
  const start = steps[0]?.at ?? now
  const length = Math.max(1, now - start)
  const top = Math.max(1, ...steps.map(({ counts }) => sumTo(counts, lanes.length)))
  const x = (at: number) => round((width * (Math.min(at, now) - start)) / length)
  const y = (viewers: number) => round(height - (height * viewers) / top)
  const path = (lane: number): string => {
    const ends = steps.map((_, index) => x(steps[index + 1]?.at ?? now))
    const upper = steps.map(({ at, counts }, index) => {
      const level = y(sumTo(counts, lane + 1))
      return `L${x(at)} ${level}L${ends[index]} ${level}`
    })
    const lower = steps.map(({ at, counts }, index) => {
      const level = y(sumTo(counts, lane))
      return `L${ends[index]} ${level}L${x(at)} ${level}`
    })
    return steps.length === 0 ? '' : `M0 ${height}${upper.join('')}${lower.reverse().join('')}Z`
  }
  return { top, paths: { webrtc: path(0), mse: path(1), hls: path(2) } }
}

function sumTo(counts: ViewerCounts, count: number): number {
  return lanes.slice(0, count).reduce((sum, lane) => sum + counts[lane], 0)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
