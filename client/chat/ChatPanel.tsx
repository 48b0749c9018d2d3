/** The chat as people see it: what was said, a line to write in, and what can be tapped. Drawn anew at each change. */
import { useEffect, useState } from 'preact/hooks'
import type { ChatStore } from './ChatStore.ts'
import { MessageList } from './MessageList.tsx'
import { ModeratorBar } from './ModeratorBar.tsx'
import { ReactionBar } from './ReactionBar.tsx'
import { SayForm } from './SayForm.tsx'
import { t } from './words.ts'

export type ChatRole = 'viewer' | 'broadcaster'

interface ChatPanelProps {
  readonly store: ChatStore
  readonly role: ChatRole
}

/** Whatever is typed here is not meant for the player. */
const keepKeys = (event: KeyboardEvent): void => {
  if (event.target instanceof HTMLInputElement) event.stopPropagation()
}

export function ChatPanel({ store, role }: ChatPanelProps) {
  const [isShown, setShown] = useState(true)
  const unread = useUnread(store, isShown)
  const { rules } = store
  const isModerator = role === 'broadcaster'
  const note = noteOf(store, isModerator)
  const mayWrite = rules.state === 'open' ? isModerator || !store.isBlocked : rules.state === 'off' && isModerator
  return (
    <section class="chat" aria-label={t('heading')} onKeyDown={keepKeys}>
      <header class="chat-header">
        <h2>{t('heading')}</h2>
        {!isShown && unread > 0 && <span class="badge chat-unread numbers">{t('unread', { count: unread })}</span>}
        {!isModerator && rules.state === 'open' && rules.slow > 0 && isShown && (
          <span class="muted small">{t('slow', { count: rules.slow })}</span>
        )}
        <button
          class="chat-icon chat-toggle"
          type="button"
          aria-expanded={isShown}
          aria-label={t(isShown ? 'hide' : 'show')}
          title={t(isShown ? 'hide' : 'show')}
          onClick={() => setShown(!isShown)}
        >
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d={isShown ? 'M6 9l6 6 6-6' : 'M6 15l6-6 6 6'} />
          </svg>
        </button>
      </header>
      {isShown && (
        <>
          {isModerator && rules.state !== 'over' && <ModeratorBar store={store} />}
          <MessageList store={store} isModerator={isModerator} />
          <p class="chat-note muted small" role="status">
            {note}
          </p>
          {mayWrite && !isModerator && <ReactionBar store={store} />}
          {isModerator && <ReactionBar store={store} isShownOnly />}
          {mayWrite && <SayForm store={store} isModerator={isModerator} />}
        </>
      )}
    </section>
  )
}

function noteOf({ rules, isBlocked, hasRead, messages }: ChatStore, isModerator: boolean): string {
  if (rules.state === 'over') return t('over')
  if (rules.state === 'off') return isModerator ? '' : t('off')
  if (isBlocked && !isModerator) return t('blocked')
  return hasRead && messages.length === 0 ? t('empty') : ''
}

/** How many messages came since the chat was hidden. */
function useUnread({ messages }: ChatStore, isShown: boolean): number {
  const newest = messages.at(-1)?.number ?? 0
  const [seen, setSeen] = useState(newest)
  useEffect(() => {
    if (isShown) setSeen(newest)
  }, [isShown, newest])
  return messages.filter(({ number }) => number > seen).length
}
