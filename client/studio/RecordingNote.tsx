/** What becomes of the broadcast when it is over: being recorded, why not any more, and where the recording is. */
import type { RecordingState } from '../../shared/broadcast.ts'
import type { studio } from '../i18n/en/studio.ts'
import type { StudioSession, StudioView } from './StudioSession.ts'
import { t } from './words.ts'

interface RecordingNoteProps {
  readonly session: StudioSession
  readonly view: StudioView
}

const words = {
  off: null,
  on: 'recording',
  kept: 'recordingKept',
  'disk-full': 'recordingDiskFull',
  'disk-failed': 'recordingDiskFailed',
  'too-large': 'recordingTooLarge',
} as const satisfies Record<RecordingState, keyof typeof studio | null>

export function RecordingNote({ session, view }: RecordingNoteProps) {
  const { recording } = view
  const word = words[recording]
  if (word === null) return null
  const isTrouble = recording !== 'on' && recording !== 'kept'
  return (
    <div class="stack" id="recording" data-recording={recording}>
      <p class={isTrouble ? 'notice notice-warn' : 'muted'} role={isTrouble ? 'alert' : 'status'}>
        {t(word)}
      </p>
      {recording === 'kept' && (
        <a class="button" id="download-recording" href={session.downloadUrl} download>
          {t('recordingDownload')}
        </a>
      )}
    </div>
  )
}
