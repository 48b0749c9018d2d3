/** How loud the microphone is, its peak, and in words whether viewers will hear it well. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { systemClock } from '../lib/clock.ts'
import { createLevelMeter, onMeter } from '../publish/levelMeter.ts'
import { type Loudness, LoudnessJudge } from '../publish/loudness.ts'
import { t } from './words.ts'

interface LevelBarProps {
  readonly track: MediaStreamTrack | null
  readonly muted: boolean
}

/** Milliseconds between two looks: smooth enough for the eye, light enough for a phone. */
const INTERVAL = 80

const words = { silent: 'soundSilent', quiet: 'soundQuiet', good: 'soundGood', loud: 'soundLoud' } as const

export function LevelBar({ track, muted }: LevelBarProps) {
  const meter = useRef<HTMLMeterElement>(null)
  const peak = useRef<HTMLSpanElement>(null)
  const [loudness, setLoudness] = useState<Loudness | null>(null)
  useEffect(() => {
    setLoudness(null)
    if (!track) return
    const levels = createLevelMeter(track)
    const judge = new LoudnessJudge()
    const cancel = systemClock.every(INTERVAL, () => {
      const look = levels.read()
      const view = judge.add(systemClock.now(), look)
      if (meter.current) meter.current.value = onMeter(look.rms)
      if (peak.current) peak.current.style.insetInlineStart = `${onMeter(view.peak) * 100}%`
      setLoudness(view.loudness)
    })
    return () => {
      cancel()
      levels.close()
    }
  }, [track, muted])
  const shown = track && !muted ? loudness : null
  return (
    <div class="stack-tight">
      <div class="level">
        <meter ref={meter} min={0} max={1} aria-label={t('level')} />
        <span ref={peak} class="level-peak" aria-hidden="true" />
      </div>
      <p class={`level-words small ${shown === 'good' ? 'muted' : ''}`} id="sound-words" aria-live="polite">
        {shown ? t(words[shown]) : muted ? t('soundMuted') : ''}
      </p>
    </div>
  )
}
