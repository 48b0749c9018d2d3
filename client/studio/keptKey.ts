/** In charge of what a tab keeps of its broadcast over a reload: the publish key, and whether it was sending. */
import { recall, remember } from '../lib/storage.ts'

/** The key from the fragment, or from an earlier load of this tab; null when neither has it. It is never sent in a URL. */
export function keptKey(broadcastId: string): string | null {
  const name = `nearcast-key-${broadcastId}`
  const inAddress = new URLSearchParams(location.hash.slice(1)).get('key')
  if (inAddress !== null) remember('tab', name, inAddress)
  return inAddress ?? recall('tab', name)
}

/** Whether this very tab was sending the broadcast when it was left. */
export function wasSendingHere(broadcastId: string): boolean {
  return recall('tab', `nearcast-sending-${broadcastId}`) !== null
}

export function markSendingHere(broadcastId: string, isSending: boolean): void {
  remember('tab', `nearcast-sending-${broadcastId}`, isSending ? '1' : null)
}
