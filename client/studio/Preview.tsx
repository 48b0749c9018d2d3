/** What viewers see, seen by the one who sends it: mirrored while it is a picture of oneself, with lines to frame it by. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Size } from '../publish/encodings.ts'
import { FramingLines } from './FramingLines.tsx'
import { type Framing, isMirrored, keepFraming, keptFraming } from './framing.ts'
import type { MediaDesk } from './MediaDesk.ts'
import { t } from './words.ts'

const aids = { thirds: 'aidThirds', safeArea: 'aidSafeArea', mirror: 'aidMirror' } as const

export function Preview({ desk, isOver }: { desk: MediaDesk; isOver: boolean }) {
  const video = useRef<HTMLVideoElement>(null)
  const [size, setSize] = useState<Size>({ width: 16, height: 9 })
  const [framing, setFraming] = useState<Framing>(keptFraming)
  const { video: track, screen } = desk.tracks
  useEffect(() => {
    if (video.current) video.current.srcObject = track ? new MediaStream([track]) : null
  }, [track])
  const onResize = ({
    currentTarget: { videoWidth: width, videoHeight: height },
  }: {
    currentTarget: HTMLVideoElement
  }) => {
    if (width === 0) return
    setSize({ width, height })
    desk.sizeChanged()
  }
  const choose = (aid: keyof Framing, on: boolean) => setFraming(keepFraming({ ...framing, [aid]: on }))
  return (
    <div class="stack-tight">
      <div class={size.height > size.width ? 'preview preview-upright' : 'preview'}>
        <video
          ref={video}
          class={isMirrored(framing, screen, desk.facing) ? 'mirrored' : ''}
          aria-label={t('preview')}
          autoplay
          muted
          playsInline
          onResize={onResize}
        />
        <FramingLines framing={framing} size={size} />
        {isOver ? (
          <span class="preview-cover">{t('stateEnded')}</span>
        ) : (
          desk.status.cameraOff && <span class="preview-cover">{t('cameraIsOff')}</span>
        )}
      </div>
      <fieldset class="row aids" hidden={isOver}>
        <legend class="visually-hidden">{t('aids')}</legend>
        {(['thirds', 'safeArea', 'mirror'] as const).map((aid) => (
          <label key={aid} class="check small">
            <input
              id={`aid-${aid}`}
              type="checkbox"
              checked={framing[aid]}
              onChange={(event) => choose(aid, event.currentTarget.checked)}
            />
            {t(aids[aid])}
          </label>
        ))}
      </fieldset>
    </div>
  )
}
