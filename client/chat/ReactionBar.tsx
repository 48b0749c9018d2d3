/** What can be tapped, and what everyone tapped, rising for a moment. */
import { useEffect, useRef } from 'preact/hooks'
import { type Reaction, reactions } from '../../shared/chat.ts'
import { type Burst, burstOf, SERVER_SUMS } from './burst.ts'
import type { ChatStore } from './ChatStore.ts'
import { t } from './words.ts'

interface ReactionBarProps {
  readonly store: ChatStore
  /** Shows what others tap, without buttons. */
  readonly isShownOnly?: boolean
}

const pictures: Readonly<Record<Reaction, string>> = { heart: '❤️', clap: '👏', laugh: '😂', wow: '😮', party: '🎉' }

/** Pictures in the air at once. */
const MAX_FLOATING = 40

export function ReactionBar({ store, isShownOnly = false }: ReactionBarProps) {
  const air = useRef<HTMLDivElement>(null)
  useEffect(() => {
    return store.on('reactions', (counts) => {
      for (const burst of burstOf(counts)) float(air.current, burst)
    })
  }, [store])
  return (
    <div class="chat-reactions">
      {!isShownOnly && (
        <fieldset class="chat-taps" aria-label={t('reactions')}>
          {reactions.map((reaction) => (
            <button
              class="chat-tap"
              type="button"
              key={reaction}
              data-reaction={reaction}
              aria-label={t(reaction)}
              title={t(reaction)}
              onClick={() => store.react(reaction)}
            >
              {pictures[reaction]}
            </button>
          ))}
        </fieldset>
      )}
      <div class="chat-air" ref={air} aria-hidden="true" />
    </div>
  )
}

/** Where it begins and how long after the others is a matter of chance, so that they do not rise as one. */
function float(air: HTMLDivElement | null, { reaction, count }: Burst): void {
  if (!air || air.childElementCount >= MAX_FLOATING) return
  const one = document.createElement('span')
  one.className = 'chat-float'
  one.textContent = count > 1 ? `${pictures[reaction]} ${count}` : pictures[reaction]
  one.style.left = `${5 + Math.random() * 80}%`
  one.style.animationDelay = `${Math.random() * SERVER_SUMS}ms`
  one.addEventListener('animationend', () => one.remove())
  air.append(one)
}
