/** What the broadcaster decides about the chat: whether viewers may write, how fast, and who may again. */
import { useId } from 'preact/hooks'
import type { ChatStore } from './ChatStore.ts'
import { t } from './words.ts'

/** Seconds between two messages of one viewer that are offered. */
const SLOW_STEPS = [0, 5, 15, 30, 60] as const

export function ModeratorBar({ store }: { store: ChatStore }) {
  const id = useId()
  const { state, slow } = store.rules
  const enabled = state === 'open'
  return (
    <div class="chat-rules small">
      <label class="chat-allowed">
        <input
          type="checkbox"
          checked={enabled}
          onChange={(event) => store.configure({ enabled: event.currentTarget.checked, slow })}
        />
        {t('allowed')}
      </label>
      <span class="chat-slow">
        <label for={id}>{t('slowMode')}</label>
        <select
          class="input"
          id={id}
          value={slow}
          onChange={(event) => store.configure({ enabled, slow: Number(event.currentTarget.value) })}
        >
          {SLOW_STEPS.map((seconds) => (
            <option key={seconds} value={seconds}>
              {seconds === 0 ? t('slowOff') : t('seconds', { count: seconds })}
            </option>
          ))}
        </select>
      </span>
      {store.blockedPeople.length > 0 && (
        <details class="chat-blocked">
          <summary>
            {t('blockedPeople')} ({store.blockedPeople.length})
          </summary>
          <ul>
            {store.blockedPeople.map(({ who, name }) => (
              <li key={who}>
                <button class="button" type="button" onClick={() => void store.unblock(who)}>
                  <bdi>{t('unblock', { name })}</bdi>
                </button>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}
