/** The line that people write in, and the name they write under, which the browser remembers. */
import { useRef, useState } from 'preact/hooks'
import { isChatName, MAX_CHAT_TEXT, tidyName, tidyText } from '../../shared/chat.ts'
import { NearcastError } from '../../shared/errors.ts'
import { recall, remember } from '../lib/storage.ts'
import type { ChatStore } from './ChatStore.ts'
import { nameField, refusalWords, t } from './words.ts'

interface SayFormProps {
  readonly store: ChatStore
  readonly isModerator: boolean
}

const NAME = 'nearcast-chat-name'

export function SayForm({ store, isModerator }: SayFormProps) {
  const [name, setName] = useState(() => recall('browser', NAME) ?? '')
  const [isNaming, setNaming] = useState(name === '')
  const [text, setText] = useState('')
  const [refusal, setRefusal] = useState<string | null>(null)
  const [isSending, setSending] = useState(false)
  const line = useRef<HTMLInputElement>(null)
  const asksName = isNaming && !isModerator

  const send = async (): Promise<void> => {
    const [tidiedName, tidied] = [tidyName(name), tidyText(text)]
    if (tidied === '' || isSending) return
    if (!isModerator && !isChatName(tidiedName)) {
      setNaming(true)
      setRefusal(t('badName'))
      return
    }
    setSending(true)
    try {
      await (isModerator ? store.say(tidied) : store.send(tidiedName, tidied))
      setText('')
      setRefusal(null)
      if (!isModerator) {
        setName(tidiedName)
        setNaming(false)
        remember('browser', NAME, tidiedName)
      }
    } catch (error) {
      if (error instanceof NearcastError && error.code === 'chat-name') setNaming(true)
      setRefusal(refusalWords(error, store.rules.slow))
    } finally {
      setSending(false)
      line.current?.focus()
    }
  }

  return (
    <form
      class="chat-form"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      {asksName && (
        <input
          class="input chat-name-field"
          {...nameField}
          aria-label={t('name')}
          placeholder={t('name')}
          required
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      )}
      <div class="chat-line">
        <input
          class="input chat-text-field"
          ref={line}
          aria-label={t('message')}
          placeholder={t('message')}
          maxLength={MAX_CHAT_TEXT}
          autocomplete="off"
          enterkeyhint="send"
          dir="auto"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button class="button button-primary chat-send" type="submit" aria-disabled={isSending}>
          {t('send')}
        </button>
      </div>
      {!isModerator && !asksName && (
        <button class="chat-as small" type="button" title={t('changeName')} onClick={() => setNaming(true)}>
          {t('writingAs', { name })}
        </button>
      )}
      <p class="chat-refusal small" role="alert">
        {refusal}
      </p>
    </form>
  )
}
