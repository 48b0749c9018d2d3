/** What delivery asks of whoever keeps broadcasts on disk: how far one can go back, and what is left when it is over. */
import type { KeptMedia } from '../archive/KeptMedia.ts'
import type { ViewCredentials } from '../auth/mayWatch.ts'

export interface KeptDirectory {
  /** Null when nothing is kept of it. Throws broadcast-not-found. */
  kept(id: string, credentials: ViewCredentials): Promise<KeptMedia | null>
  /** Whether it is over and can be watched from its beginning. */
  isRecording(id: string): boolean
  /** See HlsDirectory. */
  countHttpViewer(id: string, session: string): void
}
