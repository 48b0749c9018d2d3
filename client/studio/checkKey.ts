/** In charge of finding out whether a publish key fits, before anybody presses *Go live*. */
import { PROTOCOL_VERSION } from '../../shared/protocol.ts'
import { SignalingClient } from '../signaling/SignalingClient.ts'

interface Credentials {
  readonly url: string
  readonly broadcastId: string
  readonly publishKey: string
}

/** Rejects with the server's refusal. It only connects: joining would take the broadcast over from another tab. */
export function checkKey({ url, broadcastId, publishKey }: Credentials): Promise<void> {
  return new Promise((resolve, reject) => {
    const signaling = SignalingClient.create({
      url,
      auth: () => ({ version: PROTOCOL_VERSION, role: 'broadcaster', broadcastId, publishKey }),
    })
    signaling.on('connected', () => {
      signaling.close()
      resolve()
    })
    signaling.on('refused', (error) => {
      signaling.close()
      reject(error)
    })
  })
}
