/** Settles who may create broadcasts: the setting, what it means on this network, and the token when one is needed. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CreatePolicy, defaultCreateMode } from './createPolicy.ts'
import { newPublishKey } from './keys.ts'

export interface CreateSettings {
  mode: 'auto' | 'open' | 'token'
  /** The operator's token, or null. */
  token: string | null
  dataDir: string
  /** Addresses and names by which the server can be reached. */
  reachableAt: readonly string[]
}

/** With `token` mode and no token set, one is made and kept in the data directory, readable by its owner only. */
export async function createPolicyOf(
  settings: CreateSettings,
): Promise<{ policy: CreatePolicy; token: string | null }> {
  const mode = settings.mode === 'auto' ? defaultCreateMode(settings.reachableAt) : settings.mode
  if (mode === 'open') return { policy: { mode }, token: null }
  const token = settings.token ?? (await keptToken(settings.dataDir))
  return { policy: { mode, tokens: [token] }, token }
}

async function keptToken(dataDir: string): Promise<string> {
  const file = join(dataDir, 'create-token')
  const kept = await readFile(file, 'utf8').catch(() => '')
  if (/^\S{16,}$/.test(kept.trim())) return kept.trim()
  const token = newPublishKey()
  await mkdir(dataDir, { recursive: true })
  await writeFile(file, `${token}\n`, { mode: 0o600 })
  await chmod(file, 0o600)
  return token
}
