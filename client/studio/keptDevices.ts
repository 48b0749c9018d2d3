/** In charge of the devices that a person chose, which a browser remembers for the next broadcast. */
import { recall, remember } from '../lib/storage.ts'
import type { DeviceChoice } from '../publish/capture.ts'

const NAME = 'nearcast-devices'

export function keptDevices(): DeviceChoice {
  try {
    const { camera, facing, microphone, music }: Record<string, unknown> = JSON.parse(recall('browser', NAME) ?? '{}')
    return {
      ...(typeof camera === 'string' ? { camera } : {}),
      ...(facing === 'user' || facing === 'environment' ? { facing } : {}),
      ...(typeof microphone === 'string' ? { microphone } : {}),
      ...(music === true ? { music } : {}),
    }
  } catch {
    return {}
  }
}

/** Returns what it was given. */
export function keepDevices(choice: DeviceChoice): DeviceChoice {
  remember('browser', NAME, JSON.stringify(choice))
  return choice
}
