/** In charge of browsers that lack a codec which ours has. */
import { callSource } from './page.ts'

/** The source of an init script by which a page's WebRTC offers no such codec, to send or to receive. */
export function withoutCodecScript(codec: 'H264' | 'VP8'): string {
  return callSource(withoutCodec, JSON.stringify(codec))
}

/** Runs in the page; refers to nothing outside itself. */
function withoutCodec(codec: string): void {
  const connection = globalThis.RTCPeerConnection
  if (!connection) return
  const without = (sdp: string): string => {
    const lines = sdp.split('\r\n')
    const types = (pattern: RegExp) => lines.flatMap((line) => line.match(pattern)?.[1] ?? [])
    const own = types(new RegExp(`^a=rtpmap:(\\d+) ${codec}/`))
    const repairs = own.flatMap((type) => types(new RegExp(`^a=fmtp:(\\d+) apt=${type}$`)))
    const gone = new Set([...own, ...repairs])
    const kept = lines.filter((line) => !gone.has(line.match(/^a=(?:rtpmap|fmtp|rtcp-fb):(\d+) /)?.[1] ?? ''))
    const filtered = kept.map((line) =>
      line.startsWith('m=video ')
        ? line
            .split(' ')
            .filter((word, index) => index < 3 || !gone.has(word))
            .join(' ')
        : line,
    )
    return filtered.join('\r\n')
  }
  const createOffer: (options?: RTCOfferOptions) => Promise<RTCSessionDescriptionInit> =
    connection.prototype.createOffer
  const offerWithout = async function (this: RTCPeerConnection, options?: RTCOfferOptions) {
    const { type, sdp = '' } = await createOffer.call(this, options)
    return { type, sdp: without(sdp) }
  }
  Object.assign(connection.prototype, { createOffer: offerWithout })
}
