/** The studio when there is nothing to do in it: no key, a wrong one, an unknown broadcast, taken over elsewhere. */
import type { ErrorCode } from '../../shared/errors.ts'
import { errorWords } from '../ui/errorWords.ts'
import { PageHeader } from '../ui/PageHeader.tsx'
import { t } from './words.ts'

interface RefusalProps {
  readonly reason: ErrorCode | 'no-key'
  /** The server's own words, for what has none here. */
  readonly message?: string
}

export function Refusal({ reason, message }: RefusalProps) {
  const [heading, text] = words(reason, message ?? '')
  return (
    <div class="page" data-state="idle">
      <PageHeader />
      <main class="card card-alone stack" id="refusal">
        <div class="stack" role="alert">
          <h1>{heading}</h1>
          <p>{text}</p>
        </div>
        <p>
          {reason === 'protocol-mismatch' ? (
            <button class="button button-primary" id="reload" type="button" onClick={() => location.reload()}>
              {t('reload')}
            </button>
          ) : (
            <a class="button button-primary" href="/">
              {t('backHome')}
            </a>
          )}
        </p>
      </main>
    </div>
  )
}

function words(reason: RefusalProps['reason'], message: string): [heading: string, text: string] {
  switch (reason) {
    case 'no-key':
      return [t('noKeyHeading'), t('noKeyText')]
    case 'wrong-key':
      return [t('wrongKeyHeading'), t('wrongKeyText')]
    case 'broadcast-not-found':
    case 'not-found':
      return [t('unknownHeading'), t('unknownText')]
    case 'already-publishing':
      return [t('takenOverHeading'), t('takenOverText')]
    case 'no-common-codec':
      return [t('noCodecHeading'), t('noCodecText')]
    case 'protocol-mismatch':
      return [t('oldPageHeading'), t('oldPageText')]
    case 'internal':
      return [t('refusedHeading'), t('unreachable')]
    default:
      return [t('refusedHeading'), errorWords({ code: reason, message })]
  }
}
