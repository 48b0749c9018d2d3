/** All checks, in the order of the report. */
import type { Check } from '../check.ts'
import { changeChecks } from './changes.ts'
import { deliveryChecks } from './delivery.ts'
import { deltaChecks } from './deltas.ts'
import { iFrameChecks } from './iFrames.ts'
import { lowLatencyChecks } from './lowLatency.ts'
import { mediaChecks } from './media.ts'
import { multivariantChecks } from './multivariant.ts'
import { partChecks } from './parts.ts'
import { playlistChecks } from './playlists.ts'
import { requestChecks } from './requests.ts'

export const allChecks: readonly Check[] = [
  ...multivariantChecks,
  ...iFrameChecks,
  ...playlistChecks,
  ...changeChecks,
  ...mediaChecks,
  ...partChecks,
  ...lowLatencyChecks,
  ...deltaChecks,
  ...requestChecks,
  ...deliveryChecks,
]
