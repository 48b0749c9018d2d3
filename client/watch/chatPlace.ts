/** In charge of the chat's place on the watch page: kept free from the start, filled once the picture is there. */
import { make } from '../player/dom.ts'
import type { NearcastPlayer } from '../player/NearcastPlayer.ts'
import type { ChatLine } from '../signaling/ChatLine.ts'
import './chatPlace.css'

/** Milliseconds after which the chat comes although no picture does. */
const PATIENCE_MS = 4_000

/** Adds the place; the chat's own code is loaded only when nothing that the picture needs waits for it. */
export function addChatPlace(root: HTMLElement, player: NearcastPlayer): void {
  const place = make('aside', { class: 'chat-place', id: 'chat' })
  root.append(place)
  let shown: ChatLine | null = null
  let unmount: Promise<() => void> | null = null
  const look = (isLate = false): void => {
    const { chat: line, state } = player
    if (line === null || line === shown || player.broadcast === null) return
    if (state === 'loading' && !isLate) return
    shown = line
    void unmount?.then((stop) => stop())
    unmount = import('../chat/mount.tsx').then(({ mountChat }) => mountChat(place, line, 'viewer'))
  }
  player.addEventListener('statechange', () => look())
  player.addEventListener('broadcastchange', () => look())
  setTimeout(() => look(true), PATIENCE_MS)
}
