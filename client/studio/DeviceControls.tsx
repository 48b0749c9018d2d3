/** Which devices are used and which are switched off. */
import type { DeviceInfo } from '../publish/capture.ts'
import { LevelBar } from './LevelBar.tsx'
import type { StudioSession, StudioView } from './StudioSession.ts'
import { t } from './words.ts'

interface DeviceControlsProps {
  readonly session: StudioSession
  readonly view: StudioView
}

export function DeviceControls({ session, view }: DeviceControlsProps) {
  const { desk } = view
  const { screen } = desk.status
  const { microphone: muted, camera: cameraOff } = desk.switchedOff
  const { cameras, microphones } = desk.devices
  const { otherFacing } = desk
  const canShare = typeof navigator.mediaDevices?.getDisplayMedia === 'function'
  const share = () => (screen ? desk.stopSharing() : void session.command('screen', () => desk.shareScreen()))
  return (
    <div class="stack">
      <div class="row">
        <button id="mute" class="button" type="button" aria-pressed={muted} onClick={() => desk.setMuted(!muted)}>
          {t(muted ? 'unmute' : 'mute')}
        </button>
        <button
          id="camera-off"
          class="button"
          type="button"
          aria-pressed={cameraOff}
          disabled={!desk.hasCamera || screen}
          onClick={() => desk.setCameraOff(!cameraOff)}
        >
          {t(cameraOff ? 'cameraOn' : 'cameraOff')}
        </button>
        {cameras.length > 1 && (
          <button
            id="switch-camera"
            class="button"
            type="button"
            onClick={() => void session.command('camera', () => desk.switchCamera())}
          >
            {t(otherFacing === null ? 'switchCamera' : otherFacing === 'user' ? 'frontCamera' : 'backCamera')}
          </button>
        )}
        {canShare && (
          <button id="share-screen" class="button" type="button" aria-pressed={screen} onClick={share}>
            {t(screen ? 'stopSharing' : 'shareScreen')}
          </button>
        )}
      </div>
      <div class="devices">
        <DeviceSelect
          id="camera"
          label={t('camera')}
          devices={cameras}
          chosen={desk.inUse.camera}
          onChoose={(id) => void session.command('camera', () => desk.chooseCamera(id))}
        />
        <div class="stack-tight">
          <DeviceSelect
            id="microphone"
            label={t('microphone')}
            devices={microphones}
            chosen={desk.inUse.microphone}
            onChoose={(id) => void session.command('microphone', () => desk.chooseMicrophone(id))}
          />
          <LevelBar track={desk.microphone} muted={muted} />
          <label class="check">
            <input
              id="music"
              type="checkbox"
              checked={desk.music}
              aria-describedby="music-hint"
              onChange={(event) => {
                const { checked } = event.currentTarget
                void session.command('microphone', () => desk.setMusic(checked))
              }}
            />
            {t('music')}
          </label>
          <p class="muted small" id="music-hint">
            {t('musicHint')}
          </p>
        </div>
      </div>
    </div>
  )
}

interface DeviceSelectProps {
  readonly id: string
  readonly label: string
  readonly devices: readonly DeviceInfo[]
  readonly chosen: string
  readonly onChoose: (id: string | undefined) => void
}

function DeviceSelect({ id, label, devices, chosen, onChoose }: DeviceSelectProps) {
  // What sends may not be in the list: a device that was just unplugged, or no device at all.
  const isListed = devices.some((device) => device.id === chosen)
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        class="input"
        value={isListed ? chosen : ''}
        disabled={devices.length === 0}
        onChange={(event) => onChoose(event.currentTarget.value || undefined)}
      >
        {!isListed && <option value="">{t('defaultDevice')}</option>}
        {devices.map((device, index) => (
          <option key={device.id} value={device.id}>
            {device.label || `${label} ${index + 1}`}
          </option>
        ))}
      </select>
    </div>
  )
}
