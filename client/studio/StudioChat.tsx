/** The chat's place in the studio: there from the moment that there is a connection on which it can come. */
import { useEffect, useRef } from 'preact/hooks'
import { mountChat } from '../chat/mount.tsx'
import type { ChatLine } from '../signaling/ChatLine.ts'

/** The last line there was stays: what was said can be read when the broadcast is over. */
export function StudioChat({ line }: { line: ChatLine | null }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!place.current || !line) return
    const mounted = mountChat(place.current, line, 'broadcaster')
    return () => void mounted.then((unmount) => unmount())
  }, [line])
  return line ? <div class="studio-chat" id="chat" ref={place} /> : null
}
