/** How long viewers go on waiting for a broadcaster whose connection is lost, and that nothing needs to be done. */
import { clockTime } from '../lib/clockTime.ts'
import { useSecond } from './useSecond.ts'
import { t } from './words.ts'

interface CountdownProps {
  /** When the server ends the broadcast, on its clock. */
  readonly endsAt: number
  /** That clock, milliseconds. */
  readonly now: () => number
}

export function Countdown({ endsAt, now: readClock }: CountdownProps) {
  const now = useSecond(true, readClock)
  const seconds = Math.max(0, Math.ceil((endsAt - now) / 1000))
  return (
    <div class="notice notice-warn stack-tight" id="countdown" data-seconds={seconds}>
      <p role="alert">{t(seconds > 0 ? 'graceText' : 'graceOver')}</p>
      {seconds > 0 && (
        <p class="numbers" role="timer">
          {t('graceLeft', { time: clockTime(seconds) })}
        </p>
      )}
    </div>
  )
}
