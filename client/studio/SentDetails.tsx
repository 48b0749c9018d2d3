/** What is really sent, for whoever wants to know why viewers see what they see. */
import { useEffect, useState } from 'preact/hooks'
import { systemClock } from '../lib/clock.ts'
import { type SentFigures, type SentStream, sentFigures } from '../publish/sentStats.ts'
import type { StudioSession } from './StudioSession.ts'
import { t } from './words.ts'

/** Milliseconds between two looks. */
const INTERVAL = 2000

export function SentDetails({ session }: { session: StudioSession }) {
  const [isOpen, setOpen] = useState(false)
  const figures = useFigures(session, isOpen)
  return (
    <details class="sent" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('sentHeading')}</summary>
      {figures === null || figures.streams.length === 0 ? (
        <p class="muted small">{t('sentNothing')}</p>
      ) : (
        <div class="stack-tight small numbers">
          <table>
            <thead>
              <tr>
                <th scope="col">{t('sentLayer')}</th>
                <th scope="col">{t('sentFrames')}</th>
                <th scope="col">{t('sentRate')}</th>
              </tr>
            </thead>
            <tbody>
              {figures.streams.map((stream) => (
                <StreamRow key={`${stream.kind}-${stream.rid}`} stream={stream} />
              ))}
            </tbody>
          </table>
          {figures.roundTrip !== null && (
            <p class="muted">{t('roundTrip', { ms: figures.roundTrip, loss: Math.round(figures.loss * 1000) / 10 })}</p>
          )}
          {figures.limitedBy && (
            <p class="muted">{t(figures.limitedBy === 'cpu' ? 'limitedCpu' : 'limitedBandwidth')}</p>
          )}
        </div>
      )}
    </details>
  )
}

function StreamRow({ stream: { kind, size, frameRate, bitrate } }: { stream: SentStream }) {
  const name = size ? `${size.width}×${size.height}` : '–'
  return (
    <tr>
      <th scope="row">{kind === 'audio' ? t('sentSound') : name}</th>
      <td>{kind === 'video' && bitrate > 0 ? t('perSecond', { value: frameRate }) : ''}</td>
      <td>{bitrate > 0 ? t('kilobits', { value: Math.round(bitrate / 1000) }) : t('sentOff')}</td>
    </tr>
  )
}

/** Figures of the last interval while they are shown; null before there are two looks. */
function useFigures(session: StudioSession, isShown: boolean): SentFigures | null {
  const [figures, setFigures] = useState<SentFigures | null>(null)
  useEffect(() => {
    if (!isShown) return
    let before: RTCStatsReport | null = null
    const look = async () => {
      const now = await session.getStats()
      if (before && now) setFigures(sentFigures(before, now))
      before = now
    }
    void look()
    return systemClock.every(INTERVAL, () => void look())
  }, [session, isShown])
  return figures
}
