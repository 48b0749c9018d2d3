/** In charge of what the viewer chose and finds again at the next visit: volume, silence, saving data. */
import { recall, remember } from '../lib/storage.ts'

export interface Loudness {
  /** From 0 to 1. */
  readonly volume: number
  readonly muted: boolean
}

const LOUDNESS = 'nearcast-loudness'
const SAVER = 'nearcast-data-saver'

/** Null when nothing sensible was kept. */
export function keptLoudness(): Loudness | null {
  try {
    const { volume, muted }: Record<string, unknown> = JSON.parse(recall('browser', LOUDNESS) ?? '{}')
    const isSane = typeof volume === 'number' && volume >= 0 && volume <= 1 && typeof muted === 'boolean'
    return isSane ? { volume, muted } : null
  } catch {
    return null
  }
}

export function keepLoudness({ volume, muted }: Loudness): void {
  remember('browser', LOUDNESS, JSON.stringify({ volume, muted }))
}

/** As chosen here once, else as chosen for all sites in the browser (Save-Data, not in TypeScript's DOM library). */
export function savesData(): boolean {
  const kept = recall('browser', SAVER)
  const { connection } = navigator as Navigator & { readonly connection?: { readonly saveData?: boolean } }
  return kept === null ? connection?.saveData === true : kept === '1'
}

export function keepSaver(saves: boolean): void {
  remember('browser', SAVER, saves ? '1' : '0')
}
