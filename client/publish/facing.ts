/** In charge of which way a phone's camera looks: toward the person or away from them. Pure. */

export type Facing = 'user' | 'environment'

/**
 * What a browser tells of a camera that is not open: `facingMode` of its capabilities (Chromium, Safari from 17), else
 * the label (Chromium on Android: "camera2 1, facing front"; iOS: "Front Camera"). Null for a webcam.
 */
export function facingOf(label: string, capability: readonly string[] = []): Facing | null {
  if (capability.includes('user')) return 'user'
  if (capability.includes('environment')) return 'environment'
  if (/facing front|front camera/i.test(label)) return 'user'
  return /facing back|(back|rear) .*camera/i.test(label) ? 'environment' : null
}

/** The way that there is another camera to look; null where all look the same way, or nobody knows. */
export function otherFacing(cameras: readonly { facing: Facing | null }[], current: Facing | null): Facing | null {
  if (current === null) return null
  const other = current === 'user' ? 'environment' : 'user'
  return cameras.some(({ facing }) => facing === other) ? other : null
}
