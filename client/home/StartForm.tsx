/** The form that starts a broadcast and leads to its studio. */
import { useState } from 'preact/hooks'
import type { Visibility } from '../../shared/broadcast.ts'
import { NearcastError } from '../../shared/errors.ts'
import { errorWords } from '../ui/errorWords.ts'
import { createBroadcast } from './api.ts'
import { t } from './words.ts'

/** Servers that ask for a token print a link with it in the fragment; a fragment is never sent anywhere. */
const tokenFromLink = new URLSearchParams(location.hash.slice(1)).get('token') ?? ''

export function StartForm() {
  const [title, setTitle] = useState('')
  const [visibility, setVisibility] = useState<Visibility>('unlisted')
  const [record, setRecord] = useState(false)
  const [token, setToken] = useState(tokenFromLink)
  const [asksToken, setAsksToken] = useState(tokenFromLink !== '')
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<NearcastError | null>(null)
  const start = async () => {
    setBusy(true)
    setFailure(null)
    try {
      const { id, publishKey } = await createBroadcast({ title, visibility, record }, token)
      location.assign(`/studio/${id}#key=${publishKey}`)
    } catch (error) {
      const failed = error instanceof NearcastError ? error : new NearcastError('internal')
      if (failed.code === 'token-missing' || failed.code === 'wrong-token') setAsksToken(true)
      setFailure(failed)
      setBusy(false)
    }
  }
  return (
    <form
      class="card stack"
      aria-labelledby="start-heading"
      onSubmit={(event) => {
        event.preventDefault()
        void start()
      }}
    >
      <h2 id="start-heading">{t('startHeading')}</h2>
      <div class="field">
        <label for="title">{t('titleLabel')}</label>
        <input
          id="title"
          class="input"
          type="text"
          maxLength={120}
          placeholder={t('titlePlaceholder')}
          aria-describedby="title-hint"
          value={title}
          onInput={(event) => setTitle(event.currentTarget.value)}
        />
        <p id="title-hint" class="muted small">
          {t('titleHint')}
        </p>
      </div>
      <fieldset class="field">
        <legend>{t('visibilityLegend')}</legend>
        <VisibilityChoice value="unlisted" chosen={visibility} onChoose={setVisibility} />
        <VisibilityChoice value="public" chosen={visibility} onChoose={setVisibility} />
      </fieldset>
      <div class="field">
        <label class="choice">
          <input
            id="record"
            type="checkbox"
            checked={record}
            onChange={(event) => setRecord(event.currentTarget.checked)}
          />
          <span>
            {t('record')} <span class="muted small">{t('recordHint')}</span>
          </span>
        </label>
      </div>
      {asksToken && (
        <div class="field">
          <label for="token">{t('tokenLabel')}</label>
          <input
            id="token"
            class="input"
            type="password"
            autocomplete="off"
            aria-describedby="token-hint"
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
          <p id="token-hint" class="muted small">
            {t('tokenHint')}
          </p>
        </div>
      )}
      {failure && (
        <p class="notice notice-error" role="alert">
          {failure.code === 'internal' ? t('unreachable') : t('failed', { reason: errorWords(failure) })}
        </p>
      )}
      <button id="start" class="button button-primary button-large" type="submit" disabled={isBusy}>
        {t(isBusy ? 'starting' : 'start')}
      </button>
    </form>
  )
}

interface VisibilityChoiceProps {
  readonly value: Visibility
  readonly chosen: Visibility
  readonly onChoose: (value: Visibility) => void
}

function VisibilityChoice({ value, chosen, onChoose }: VisibilityChoiceProps) {
  const isPublic = value === 'public'
  return (
    <label class="choice">
      <input type="radio" name="visibility" value={value} checked={chosen === value} onChange={() => onChoose(value)} />
      <span>
        {t(isPublic ? 'public' : 'unlisted')}{' '}
        <span class="muted small">{t(isPublic ? 'publicHint' : 'unlistedHint')}</span>
      </span>
    </label>
  )
}
