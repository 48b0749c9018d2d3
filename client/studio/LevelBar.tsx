/** How loud the microphone is, so that a person sees that it works. */
import { useEffect, useRef } from 'preact/hooks'
import { systemClock } from '../lib/clock.ts'
import { createLevelMeter } from '../publish/levelMeter.ts'
import { t } from './words.ts'

/** Milliseconds between two looks: smooth enough for the eye, light enough for a phone. */
const INTERVAL = 80

export function LevelBar({ track }: { track: MediaStreamTrack | null }) {
  const meter = useRef<HTMLMeterElement>(null)
  useEffect(() => {
    if (!track) return
    const levels = createLevelMeter(track)
    const cancel = systemClock.every(INTERVAL, () => {
      if (meter.current) meter.current.value = levels.read()
    })
    return () => {
      cancel()
      levels.close()
    }
  }, [track])
  return <meter ref={meter} class="level" min={0} max={1} aria-label={t('level')} />
}
