/** In charge of where HLS begins for somebody who has already seen a part of what its playlist lists. Pure. */

/** What is needed of hls.js's details of a media playlist. Times are seconds, dates milliseconds since the Unix epoch. */
export interface ListedMedia {
  readonly fragments: readonly { readonly start: number; readonly programDateTime: number | null }[]
  /** Where the listed media ends. */
  readonly edge: number
  readonly holdBack: number
  readonly partHoldBack: number
}

/** Farther behind the usual distance from the edge nobody is put for the sake of what was missed. */
const MOST_CATCHING_UP_S = 4

/** The position in seconds right after what was captured at `from`; null where it is not listed, or best begun as usual. */
export function hlsStart(from: number, { fragments, edge, holdBack, partHoldBack }: ListedMedia): number | null {
  const dated = fragments.findLast(({ programDateTime }) => programDateTime !== null && programDateTime <= from)
  if (!dated || dated.programDateTime === null) return null
  const position = dated.start + (from - dated.programDateTime) / 1000
  const usual = edge - (partHoldBack || holdBack)
  return position < usual && usual - position <= MOST_CATCHING_UP_S ? position : null
}
