/** Lines over the preview: thirds, and the area that nothing covers. Drawn for the eye alone, never sent. */
import type { Size } from '../publish/encodings.ts'
import type { Framing } from './framing.ts'

interface FramingLinesProps {
  readonly framing: Framing
  /** Of the picture, so that the lines lie on it and not on the bars beside it. */
  readonly size: Size
}

/** The share of each side that EBU R 95 leaves free around what matters (5 % action safe for 16:9). */
const MARGIN = 0.05

export function FramingLines({ framing: { thirds, safeArea }, size: { width, height } }: FramingLinesProps) {
  if (!thirds && !safeArea) return null
  return (
    <svg class="framing" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {thirds &&
        [1, 2].map((step) => (
          <g key={step} class="framing-thirds">
            <line x1={(width * step) / 3} y1="0" x2={(width * step) / 3} y2={height} />
            <line x1="0" y1={(height * step) / 3} x2={width} y2={(height * step) / 3} />
          </g>
        ))}
      {safeArea && (
        <rect
          class="framing-safe"
          x={width * MARGIN}
          y={height * MARGIN}
          width={width * (1 - 2 * MARGIN)}
          height={height * (1 - 2 * MARGIN)}
        />
      )}
    </svg>
  )
}
