/** Where taps deliver their bytes: the narrow interface that whoever packages them satisfies. */

/** One stream of fragmented MP4 from one FFmpeg run: `ftyp`, `moov`, then `prft` + `moof` + `mdat` for each frame. */
export interface ByteSink {
  /** Takes the next bytes, cut anywhere. What it throws ends this run; the tap then starts another one. */
  write(chunk: Buffer): void
  /** Nothing follows. Called once, also when the run died in the middle of a box. */
  close(): void
}

/** `restart`: the run before it died of a fault, and media in between is lost. */
export type RunCause = 'start' | 'restart'

/** The rungs of one picture that was encoded anew, all by one FFmpeg run. */
export interface TranscodedSinks {
  /** Lowest first. Their `prft` boxes tell nothing but when the encoder was done. */
  readonly rungs: readonly ByteSink[]
  /** Milliseconds of media time that the newest picture of the slowest rung ends at; null before the first. */
  readonly position: number | null
  /**
   * Says when a media time of the rungs (milliseconds) was captured (milliseconds since the Unix epoch); before the frames
   * of that time come.
   */
  reference(mediaTime: number, wall: number): void
}

/**
 * Opens a fresh sink for each FFmpeg run, at its first bytes; a second opening of the same stream means that the first
 * one was closed and that time may have jumped.
 */
export interface TapSink {
  /** @param layer Simulcast layer, 0 being the smallest; 0 for a single stream. */
  openVideo(layer: number, cause: RunCause): ByteSink
  /** AAC to be delivered, and the same audio as copied Opus, whose `prft` boxes tell the capture time. */
  openAudio(cause: RunCause): { aac: ByteSink; opus: ByteSink }
  /** @param rungs how many there are; they take the place of the layers 0, 1, … of video that is copied */
  openTranscoded(rungs: number, cause: RunCause): TranscodedSinks
}
