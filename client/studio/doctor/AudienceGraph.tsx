/** How many watch by which way, now and since it went live. What the picture shows is told in words as well. */
import { clockTime } from '../../lib/clockTime.ts'
import type { AudienceStep } from '../AudienceHistory.ts'
import { audienceShape, type Lane, lanes } from './audienceShape.ts'
import { t } from './words.ts'

interface AudienceGraphProps {
  readonly steps: readonly AudienceStep[]
  /** The server's clock, milliseconds. */
  readonly now: number
}

const SIZE = { width: 300, height: 64 }
const names = { webrtc: 'laneWebrtc', mse: 'laneMse', hls: 'laneHls' } as const satisfies Record<Lane, string>

export function AudienceGraph({ steps, now }: AudienceGraphProps) {
  const { paths, top } = audienceShape(steps, now, SIZE)
  const counts = steps.at(-1)?.counts ?? { total: 0, webrtc: 0, mse: 0, hls: 0 }
  const time = clockTime((now - (steps[0]?.at ?? now)) / 1000)
  const most = Math.max(0, ...steps.map((step) => step.counts.total))
  return (
    <figure class="audience-graph stack-tight" id="audience-graph">
      <svg
        viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t('graphText', { time, most, now: counts.total })}
      >
        {lanes.map((lane) => (
          <path key={lane} class={`lane-${lane}`} d={paths[lane]} />
        ))}
      </svg>
      <figcaption class="small muted numbers">
        <span>{t('graphScale', { time, top })}</span>
        <ul class="lanes">
          {lanes.map((lane) => (
            <li key={lane} id={`lane-${lane}`}>
              <svg class="swatch" viewBox="0 0 1 1" aria-hidden="true">
                <path class={`lane-${lane}`} d="M0 0H1V1H0Z" />
              </svg>
              {t(names[lane], { percent: percent(counts[lane], counts.total), count: counts[lane] })}
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  )
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((100 * part) / whole)
}
