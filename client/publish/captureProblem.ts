/** In charge of saying what went wrong with a camera, a microphone or a screen, in kinds that have words. */

export type CaptureDevice = 'camera' | 'microphone' | 'screen'

/**
 * `insecure-context`: browsers give no devices to plain-HTTP pages. `unsupported-browser`: there is no such function.
 * `permission-denied`: by the person, the system or a policy. `not-found`: none is plugged in. `busy`: another program
 * holds it, or the hardware fails. `lost`: it went away while in use. `cancelled`: the person chose no screen.
 */
export type ProblemKind =
  | 'insecure-context'
  | 'unsupported-browser'
  | 'permission-denied'
  | 'not-found'
  | 'busy'
  | 'lost'
  | 'cancelled'
  | 'unknown'

export interface CaptureProblem {
  readonly device: CaptureDevice
  readonly kind: ProblemKind
}

/** What of the browser decides about it. */
export interface CaptureEnvironment {
  readonly isSecureContext: boolean
  readonly hasMediaDevices: boolean
  readonly hasDisplayMedia: boolean
  readonly hasPeerConnection: boolean
}

/** Thrown by everything that opens a device. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError'
  readonly problem: CaptureProblem

  constructor(problem: CaptureProblem) {
    super(`${problem.device}: ${problem.kind}`)
    this.problem = problem
  }
}

/** Names of DOMExceptions (Media Capture and Streams §9.2, with the names of older browsers) and what they mean. */
const kinds = new Map<string, ProblemKind>([
  ['NotAllowedError', 'permission-denied'],
  ['PermissionDeniedError', 'permission-denied'],
  ['SecurityError', 'permission-denied'],
  ['NotFoundError', 'not-found'],
  ['DevicesNotFoundError', 'not-found'],
  ['OverconstrainedError', 'not-found'],
  ['NotReadableError', 'busy'],
  ['TrackStartError', 'busy'],
  ['AbortError', 'busy'],
  ['NotSupportedError', 'unsupported-browser'],
])

/** What stands in the way before a device is even asked for; null when nothing does. */
export function environmentProblem(device: CaptureDevice, environment: CaptureEnvironment): CaptureProblem | null {
  // Order matters: a page without a secure context lacks the functions too, and the reason is the more useful word.
  if (!environment.isSecureContext) return { device, kind: 'insecure-context' }
  const isThere = device === 'screen' ? environment.hasDisplayMedia : environment.hasMediaDevices
  return isThere && environment.hasPeerConnection ? null : { device, kind: 'unsupported-browser' }
}

/** What an exception of `getUserMedia` or `getDisplayMedia` means. */
export function captureProblem(device: CaptureDevice, error: unknown): CaptureProblem {
  if (error instanceof CaptureError) return error.problem
  const { name, message } = error instanceof Error ? error : { name: '', message: '' }
  const kind = kinds.get(name) ?? 'unknown'
  // Choosing no screen and being refused have one name; only a refusal by the system says so in its text (Chromium).
  if (device === 'screen' && kind === 'permission-denied' && !/system/i.test(message)) {
    return { device, kind: 'cancelled' }
  }
  return { device, kind }
}
