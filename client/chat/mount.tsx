/** In charge of putting the chat into a page that may not have been made for it. Loaded when it is wanted. */
import { render } from 'preact'
import { pageLanguage } from '../i18n/PageLanguage.ts'
import type { ChatLine } from '../signaling/ChatLine.ts'
import './chat.css'
import { ChatPanel, type ChatRole } from './ChatPanel.tsx'
import { ChatStore } from './ChatStore.ts'
import { loadWords } from './words.ts'

/** Shows the chat of a line in `place` until the returned function is called. */
export async function mountChat(place: HTMLElement, line: ChatLine, role: ChatRole): Promise<() => void> {
  await loadWords()
  const store = new ChatStore(line)
  const draw = (): void => render(<ChatPanel store={store} role={role} />, place)
  const forget = [
    pageLanguage.on('change', draw),
    // Here and not in an effect: those run after the next frame, and a chat may be read before it.
    store.on('change', () => {
      draw()
      // Beside a recording, an empty chat that nobody can write in is no use to anyone.
      place.hidden = store.hasRead && store.rules.state === 'over' && store.messages.length === 0
    }),
  ]
  draw()
  return () => {
    for (const step of forget) step()
    store.close()
    render(null, place)
  }
}
