/** What viewers see, seen by the one who sends it: mirrored while it is a camera, as people know themselves. */
import { useEffect, useRef } from 'preact/hooks'
import { t } from './words.ts'

interface PreviewProps {
  readonly track: MediaStreamTrack | null
  readonly cameraOff: boolean
  readonly screen: boolean
}

export function Preview({ track, cameraOff, screen }: PreviewProps) {
  const video = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    if (video.current) video.current.srcObject = track ? new MediaStream([track]) : null
  }, [track])
  return (
    <div class="preview">
      <video ref={video} class={screen ? '' : 'mirrored'} aria-label={t('preview')} autoplay muted playsInline />
      {cameraOff && <span class="preview-cover">{t('cameraOff')}</span>}
    </div>
  )
}
