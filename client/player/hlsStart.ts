/** In charge of where HLS begins for somebody who has already seen a part of what its playlist lists. Pure. */

/** `gap`: there is nothing in it; hls.js says so of none whose playlist does not. */
interface ListedFragment {
  readonly start: number
  readonly programDateTime: number | null
  readonly gap?: boolean
}

/** What is needed of hls.js's details of a media playlist. Times are seconds, dates milliseconds since the Unix epoch. */
export interface ListedMedia {
  readonly fragments: readonly ListedFragment[]
  /** Where the listed media ends. */
  readonly edge: number
  readonly holdBack: number
  readonly partHoldBack: number
}

/** Farther behind the usual distance from the edge nobody is put for the sake of what was missed. */
const MOST_CATCHING_UP_S = 4

/** The position in seconds right after what was captured at `from`; null where it is not listed, or best begun as usual. */
export function hlsStart(from: number, { fragments, edge, holdBack, partHoldBack }: ListedMedia): number | null {
  const index = fragments.findLastIndex(({ programDateTime }) => programDateTime !== null && programDateTime <= from)
  const dated = fragments[index]
  if (!dated || dated.programDateTime === null || fragments.slice(index).some(({ gap }) => gap)) return null
  const position = dated.start + (from - dated.programDateTime) / 1000
  const usual = edge - (partHoldBack || holdBack)
  return position < usual && usual - position <= MOST_CATCHING_UP_S ? position : null
}
