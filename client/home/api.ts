/** In charge of what the home page asks of the HTTP API. Everything here rejects with a NearcastError. */
import type { BroadcastFacts, CreateBroadcast, CreatedBroadcast } from '../../shared/broadcast.ts'
import { type ErrorBody, isErrorCode, NearcastError } from '../../shared/errors.ts'

/** `internal` when the server cannot be reached. */
export async function createBroadcast(body: CreateBroadcast, token: string): Promise<CreatedBroadcast> {
  const headers = { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) }
  return ask('/api/broadcasts', { method: 'POST', headers, body: JSON.stringify(body) })
}

/** Public broadcasts that are live. */
export async function listLive(): Promise<BroadcastFacts[]> {
  const { broadcasts } = await ask<{ broadcasts: BroadcastFacts[] }>('/api/broadcasts')
  return broadcasts
}

async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(path, init).catch(() => null)
  if (response?.ok) return response.json()
  const { error }: { error?: ErrorBody } = (await response?.json().catch(() => null)) ?? {}
  if (error && isErrorCode(error.code)) throw new NearcastError(error.code, error.message)
  throw new NearcastError('internal')
}
