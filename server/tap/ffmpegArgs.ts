/** The command lines of the FFmpegs behind taps, as lists of arguments. Accepted by FFmpeg 4.4 and later. Pure. */

/** One FFmpeg run: an input and its outputs, the first to standard output, each further one to a socket of its own. */
export interface FfmpegCommand {
  readonly input: { readonly url: string; readonly options: readonly string[] }
  readonly outputs: readonly (readonly string[])[]
  /** A path that the first output goes to instead of standard output. */
  readonly file?: string
}

/** Seconds added to every output time: AAC's priming begins before zero, and `tfdt` (ISO 14496-12) is unsigned. */
const timeOffsetSeconds = 10

/** Milliseconds by which times in the outputs are ahead of those in the input. */
export const timeOffsetMs = timeOffsetSeconds * 1000

/** Printed at log level `verbose` once the RTP and RTCP ports are bound (`ff_rtp_parse_open` of libavformat). */
export const listeningLine = /setting jitter buffer size/

/** Copies H.264 as it comes. */
export function videoCommand(sdp: string): FfmpegCommand {
  return { input: rtpInput(sdp), outputs: [['-map', '0:v:0', '-c:v', 'copy', ...fragmentedMp4]] }
}

/**
 * Turns Opus into stereo AAC and hands out the Opus beside it, since only copied packets keep their capture time.
 * @param audioBitrate AAC, bit/s.
 */
export function audioCommand(sdp: string, audioBitrate: number): FfmpegCommand {
  const resample = ['-af', 'aresample=async=1', '-ar', '48000', '-ac', '2']
  return {
    input: rtpInput(sdp),
    outputs: [
      ['-map', '0:a:0', '-c:a', 'aac', '-b:a', String(audioBitrate), ...resample, ...fragmentedMp4],
      // Opus in MP4 counted as experimental in older releases.
      ['-map', '0:a:0', '-c:a', 'copy', '-strict', 'experimental', ...fragmentedMp4],
    ],
  }
}

/**
 * One fragment a frame, each preceded by its capture time as a `prft` box. Without these options every output's time
 * would start at a zero of its own.
 */
export const fragmentedMp4: readonly string[] = [
  ...['-output_ts_offset', String(timeOffsetSeconds), '-avoid_negative_ts', 'disabled'],
  ...['-use_editlist', '0', '-write_prft', 'wallclock'],
  ...['-movflags', 'empty_moov+default_base_moof+frag_every_frame+frag_discont', '-f', 'mp4'],
]

/**
 * The description goes in as a `data:` URL, so that no file is left behind. Ports are bound to loopback only by
 * `-localaddr`, whatever the description says. Packets that mediasoup recovers by NACK come late and are put in order.
 * Probing ends with the first frame (a probe of 32 bytes): the SFU sends nothing before a key frame and FFmpeg listens
 * before it sends. The default takes 7 decoded frames of H.264 (270 ms at 30 fps, a second at 7 fps), and
 * `-fflags nobuffer` throws away what was probed, the key frame with it.
 */
function rtpInput(sdp: string): FfmpegCommand['input'] {
  return {
    url: `data:application/sdp;base64,${Buffer.from(sdp).toString('base64')}`,
    options: [
      ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'level+verbose'],
      ...['-protocol_whitelist', 'data,udp,rtp', '-f', 'sdp', '-localaddr', '127.0.0.1'],
      ...['-reorder_queue_size', '256', '-max_delay', '200000'],
      ...['-probesize', '32', '-analyzeduration', '0', '-fpsprobesize', '0', '-copyts'],
    ],
  }
}
