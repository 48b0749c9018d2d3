/** Writes the session description by which FFmpeg receives one RTP stream. Pure. */

/** One RTP stream on loopback, as mediasoup sends it. */
export interface RtpStreamDescription {
  readonly kind: 'audio' | 'video'
  /** RTP port that FFmpeg binds; RTCP is the port after it. */
  readonly port: number
  readonly payloadType: number
  /** `H264` or `opus`, the encoding name of the `rtpmap` line. */
  readonly encoding: string
  /** Hz. */
  readonly clockRate: number
  /** Audio only. */
  readonly channels?: number
}

/**
 * The description (RFC 8866) without parameter sets and profile: those of the negotiation need not be what the encoder
 * sends, FFmpeg takes the real ones from the stream.
 */
export function tapSdp(stream: RtpStreamDescription): string {
  const { kind, port, payloadType, encoding, clockRate, channels } = stream
  const lines = [
    'v=0',
    'o=- 0 0 IN IP4 127.0.0.1',
    's=tap',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=${kind} ${port} RTP/AVP ${payloadType}`,
    `a=rtpmap:${payloadType} ${encoding}/${clockRate}${channels === undefined ? '' : `/${channels}`}`,
  ]
  if (kind === 'video') lines.push(`a=fmtp:${payloadType} packetization-mode=1`)
  return `${lines.join('\r\n')}\r\n`
}
