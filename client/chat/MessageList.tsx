/** What was said, the newest below. It follows the newest unless somebody reads further up. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { ChatMessage } from '../../shared/chat.ts'
import type { ChatStore } from './ChatStore.ts'
import { t } from './words.ts'

interface MessageListProps {
  readonly store: ChatStore
  readonly isModerator: boolean
}

/** Pixels from the end within which somebody still reads the newest. */
const NEAR_END = 40

export function MessageList({ store, isModerator }: MessageListProps) {
  const { messages } = store
  const list = useRef<HTMLDivElement>(null)
  /** The newest message that was seen at the end of the list; null: at the end now. */
  const [left, setLeft] = useState<number | null>(null)
  const newest = messages.at(-1)?.number ?? 0
  const unread = left === null ? 0 : messages.filter(({ number }) => number > left).length
  useLayoutEffect(() => {
    // What scrolls must be reachable by keyboard; not all browsers see to it themselves.
    if (list.current) list.current.tabIndex = 0
  }, [])
  // Again whenever there is another message.
  useLayoutEffect(() => {
    const box = list.current
    if (box && left === null && newest >= 0) box.scrollTop = box.scrollHeight
  }, [newest, left])
  const onScroll = (): void => {
    const box = list.current
    if (!box) return
    const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END
    setLeft(isAtEnd ? null : (left ?? newest))
  }
  return (
    <div class="chat-scroll">
      <div
        class="chat-log"
        ref={list}
        role="log"
        aria-live="polite"
        aria-relevant="additions"
        aria-label={t('messages')}
        onScroll={onScroll}
      >
        <ol>
          {messages.map((message) => (
            <Message key={message.number} message={message} store={isModerator ? store : null} />
          ))}
        </ol>
      </div>
      {unread > 0 && (
        <button class="button chat-newest numbers" type="button" onClick={() => setLeft(null)}>
          {t('unread', { count: unread })}
        </button>
      )}
    </div>
  )
}

interface MessageProps {
  readonly message: ChatMessage
  /** Of whoever may take it away. */
  readonly store: ChatStore | null
}

/** Names and texts are text and nothing else: no links, no markup, and no direction of theirs reaches past them. */
function Message({ message: { number, who, name, text, at }, store }: MessageProps) {
  const isBroadcaster = who === 0
  return (
    <li class="chat-message" data-number={number}>
      <p title={new Date(at).toLocaleTimeString(t.language)}>
        <bdi class={isBroadcaster ? 'badge badge-live chat-broadcaster' : 'chat-name'}>
          {isBroadcaster ? t('broadcaster') : name}
        </bdi>{' '}
        <span class="chat-text" dir="auto">
          {text}
        </span>
      </p>
      {store && (
        <span class="chat-actions">
          <ActionButton words={t('delete')} path="M6 6l12 12M18 6L6 18" act={() => store.delete(number)} />
          {!isBroadcaster && (
            <ActionButton
              words={t('block', { name })}
              path="M5.6 5.6l12.8 12.8M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18"
              act={() => void store.block(number)}
            />
          )}
        </span>
      )}
    </li>
  )
}

function ActionButton({ words, path, act }: { words: string; path: string; act: () => void }) {
  return (
    <button class="chat-icon" type="button" aria-label={words} title={words} onClick={act}>
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d={path} />
      </svg>
    </button>
  )
}
