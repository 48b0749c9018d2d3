/** In charge of asking the browser for cameras, microphones and screens. Everything here rejects with a CaptureError. */
import {
  type CaptureDevice,
  type CaptureEnvironment,
  CaptureError,
  type CaptureProblem,
  captureProblem,
  environmentProblem,
} from './captureProblem.ts'
import { type Facing, facingOf } from './facing.ts'

/** Which camera: this one, or the system's choice of those that look this way. */
export interface CameraChoice {
  readonly camera?: string | undefined
  /** Counts where no camera is named; toward the person by default. */
  readonly facing?: Facing | undefined
}

/** Which microphone, and what for. */
export interface MicrophoneChoice {
  readonly microphone?: string | undefined
  /** As it sounds, in stereo: the browser's processing is made for speech, and takes music for noise. */
  readonly music?: boolean | undefined
}

/** Ids of chosen devices; the browser's choice where there is none. */
export type DeviceChoice = CameraChoice & MicrophoneChoice

export interface DeviceInfo {
  readonly id: string
  /** Empty until a permission was given. */
  readonly label: string
}

export interface CameraInfo extends DeviceInfo {
  readonly facing: Facing | null
}

export interface Devices {
  readonly cameras: readonly CameraInfo[]
  readonly microphones: readonly DeviceInfo[]
}

/** What could be opened; at least one of both tracks is there. */
export interface OpenedDevices {
  readonly camera: MediaStreamTrack | null
  readonly microphone: MediaStreamTrack | null
  readonly problems: readonly CaptureProblem[]
}

function captureEnvironment(): CaptureEnvironment {
  const devices: Partial<MediaDevices> | undefined = navigator.mediaDevices
  return {
    isSecureContext: globalThis.isSecureContext,
    hasMediaDevices: typeof devices?.getUserMedia === 'function',
    hasDisplayMedia: typeof devices?.getDisplayMedia === 'function',
    hasPeerConnection: typeof RTCPeerConnection === 'function',
  }
}

/** 720p at 30 fps: the largest size that gives three good layers on an ordinary uplink (2.35 Mbit/s in all). */
function cameraConstraints({ camera, facing = 'user' }: CameraChoice): MediaTrackConstraints {
  return {
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 30, max: 30 },
    ...(camera === undefined ? { facingMode: facing } : { deviceId: { exact: camera } }),
  }
}

function microphoneConstraints({ microphone, music = false }: MicrophoneChoice): MediaTrackConstraints {
  return {
    echoCancellation: !music,
    noiseSuppression: !music,
    autoGainControl: !music,
    channelCount: { ideal: music ? 2 : 1 },
    ...(microphone === undefined ? {} : { deviceId: { exact: microphone } }),
  }
}

export async function openCamera(choice: CameraChoice): Promise<MediaStreamTrack> {
  const ask = () => navigator.mediaDevices.getUserMedia({ video: cameraConstraints(choice) })
  return onlyTrack('camera', await guarded('camera', ask))
}

export async function openMicrophone(choice: MicrophoneChoice): Promise<MediaStreamTrack> {
  const ask = () => navigator.mediaDevices.getUserMedia({ audio: microphoneConstraints(choice) })
  return onlyTrack('microphone', await guarded('microphone', ask))
}

/** A screen, window or tab of the person's choice, at most 1080p at 30 fps. Needs a click. */
export async function openScreen(): Promise<MediaStreamTrack> {
  const video = { width: { max: 1920 }, height: { max: 1080 }, frameRate: { ideal: 30, max: 30 } }
  return onlyTrack('screen', await guarded('screen', () => navigator.mediaDevices.getDisplayMedia({ video })))
}

/**
 * Camera and microphone with one question to the person; when that fails, each alone, so that a missing camera does not
 * cost the sound. A remembered device that is gone is replaced by the browser's choice. Rejects when neither opens.
 */
export async function openDevices(choice: DeviceChoice): Promise<OpenedDevices> {
  try {
    const ask = () =>
      navigator.mediaDevices.getUserMedia({
        video: cameraConstraints(choice),
        audio: microphoneConstraints(choice),
      })
    const stream = await guarded('camera', ask)
    return {
      camera: stream.getVideoTracks()[0] ?? null,
      microphone: stream.getAudioTracks()[0] ?? null,
      problems: [],
    }
  } catch (error) {
    const first = captureProblem('camera', error)
    if (first.kind === 'insecure-context' || first.kind === 'unsupported-browser') throw error
    if (first.kind === 'permission-denied' && !(await isOneDenied())) throw error
  }
  const [camera, microphone] = [
    await attempt('camera', () => orDefault(openCamera, choice, { ...choice, camera: undefined })),
    await attempt('microphone', () => orDefault(openMicrophone, choice, { ...choice, microphone: undefined })),
  ]
  const problems = [camera, microphone].flatMap((result) => ('problem' in result ? [result.problem] : []))
  const opened = {
    camera: 'track' in camera ? camera.track : null,
    microphone: 'track' in microphone ? microphone.track : null,
    problems,
  }
  const [problem] = problems
  if (problem && !opened.camera && !opened.microphone) throw new CaptureError(problem)
  return opened
}

/** What is plugged in now; empty where the browser has no devices to give. */
export async function listDevices(): Promise<Devices> {
  const devices: Partial<MediaDevices> | undefined = navigator.mediaDevices
  const all = (await devices?.enumerateDevices?.().catch(() => [])) ?? []
  const ofKind = (kind: MediaDeviceKind) => all.filter((device) => device.kind === kind && device.deviceId !== '')
  return {
    cameras: ofKind('videoinput').map((device) => ({
      id: device.deviceId,
      label: device.label,
      facing: facingOf(device.label, capabilitiesOf(device).facingMode),
    })),
    microphones: ofKind('audioinput').map(({ deviceId, label }) => ({ id: deviceId, label })),
  }
}

/** Empty in browsers that do not tell (Firefox). */
function capabilitiesOf(device: MediaDeviceInfo): MediaTrackCapabilities {
  const { getCapabilities } = device as Partial<InputDeviceInfo>
  return getCapabilities?.call(device) ?? {}
}

async function guarded(device: CaptureDevice, ask: () => Promise<MediaStream>): Promise<MediaStream> {
  const problem = environmentProblem(device, captureEnvironment())
  if (problem) throw new CaptureError(problem)
  try {
    return await ask()
  } catch (error) {
    throw new CaptureError(captureProblem(device, error))
  }
}

function onlyTrack(device: CaptureDevice, stream: MediaStream): MediaStreamTrack {
  const [track] = stream.getTracks()
  if (!track) throw new CaptureError({ device, kind: 'not-found' })
  return track
}

/** A device that was remembered and is gone is no reason to have none. */
async function orDefault<Choice>(
  open: (choice: Choice) => Promise<MediaStreamTrack>,
  choice: Choice,
  otherwise: Choice,
): Promise<MediaStreamTrack> {
  try {
    return await open(choice)
  } catch (error) {
    if (error instanceof CaptureError && error.problem.kind === 'not-found') return open(otherwise)
    throw error
  }
}

async function attempt(
  device: CaptureDevice,
  open: () => Promise<MediaStreamTrack>,
): Promise<{ track: MediaStreamTrack } | { problem: CaptureProblem }> {
  try {
    return { track: await open() }
  } catch (error) {
    return { problem: captureProblem(device, error) }
  }
}

/** Whether camera or microphone is refused for good but not both; then the other one may be asked for alone. */
async function isOneDenied(): Promise<boolean> {
  const state = async (name: 'camera' | 'microphone') =>
    (await navigator.permissions?.query({ name }).catch(() => null))?.state ?? 'unknown'
  const [camera, microphone] = [await state('camera'), await state('microphone')]
  return (camera === 'denied') !== (microphone === 'denied')
}
