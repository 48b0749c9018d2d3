/** What DASH delivery asks of whoever keeps the broadcasts and their packagers. */
import type { ViewCredentials } from '../auth/mayWatch.ts'

/** The manifest of one broadcast, as it is at this moment. */
export interface DashSource {
  /**
   * Null while there is nothing to play. Addresses are relative to the manifest: of the renditions' folders, and of the
   * updates where that is another one.
   */
  manifest(addresses: { readonly baseUrl: string; readonly location?: string }): string | null
}

export interface DashDirectory {
  /** Throws broadcast-not-found, not-live, no-http-delivery or broadcast-ended. */
  dash(id: string, credentials: ViewCredentials): DashSource
  /** A player without our signaling asked for an update. `session` is well formed, but anyone can invent one. */
  countHttpViewer(id: string, session: string): void
}
