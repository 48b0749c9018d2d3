/** What a media playlist says: draft-pantos-hls-rfc8216bis 4.4.2–4.4.5. */

/** A range of bytes of a resource. */
export interface ByteRange {
  readonly length: number
  readonly offset: number
}

export interface ListedPart {
  readonly uri: string
  /** Seconds. */
  readonly duration: number
  readonly independent: boolean
  readonly gap: boolean
}

/** What stands before a segment's URI, or before the parts of the one that has none yet. */
export interface ListedSegment {
  /** Media Sequence Number. */
  readonly msn: number
  /** Discontinuity Sequence Number (6.2.1); wrong in a delta update, which hides what was skipped. */
  readonly dsn: number
  readonly discontinuity: boolean
  /** As written; null while only parts of it are listed. */
  readonly uri: string | null
  /** Seconds; null while only parts of it are listed. */
  readonly duration: number | null
  readonly gap: boolean
  /** EXT-X-PROGRAM-DATE-TIME in milliseconds; null where the segment has none of its own. */
  readonly programDateTime: number | null
  /** URI of the EXT-X-MAP in force. */
  readonly map: string | null
  readonly range: ByteRange | null
  readonly parts: readonly ListedPart[]
}

export interface RenditionReport {
  readonly uri: string
  readonly lastMsn: number | null
  readonly lastPart: number | null
}

export interface ServerControl {
  /** Seconds, like all the others; null where it is not said. */
  readonly canSkipUntil: number | null
  readonly holdBack: number | null
  readonly partHoldBack: number | null
  readonly canBlockReload: boolean
  readonly text: string
}

export interface MediaPlaylist {
  /** 1 where nothing is said. */
  readonly version: number
  /** Whole seconds; 0 where nothing is said. */
  readonly targetDuration: number
  readonly mediaSequence: number
  /** Null when the tag is not there. */
  readonly discontinuitySequence: number | null
  readonly iFramesOnly: boolean
  readonly ended: boolean
  readonly hasPlaylistType: boolean
  readonly independentSegments: boolean
  /** Seconds. */
  readonly partTarget: number | null
  readonly serverControl: ServerControl | null
  /** EXT-X-SKIP: how many segments are left out at the beginning; null without the tag. */
  readonly skipped: number | null
  /** Whole segments. */
  readonly segments: readonly ListedSegment[]
  /** The segment under way when parts of it are listed. */
  readonly underWay: ListedSegment | null
  readonly hints: readonly { readonly type: string; readonly uri: string }[]
  readonly reports: readonly RenditionReport[]
  readonly faults: readonly string[]
}
