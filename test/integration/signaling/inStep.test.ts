import { describe, expect, it } from 'vitest'
import { startApp } from '../../helpers/app.ts'
import { createBroadcast } from '../../helpers/broadcast.ts'
import { RawClient, viewerAuth } from '../../helpers/rawClient.ts'
import { waitFor } from '../../helpers/waitFor.ts'

describe('viewers in step', () => {
  it('agree through the server on what the slowest of them can hold, and are told when it changes', async () => {
    await using server = await startApp()
    const { id } = await createBroadcast(server.url)
    await using fast = await join(server.url, id)
    await using slow = await join(server.url, id)
    await using alone = await join(server.url, id)
    expect(await inStep(fast, 120)).toEqual({ delay: 450 })
    expect(await inStep(slow, 1_500)).toEqual({ delay: 1_800 })
    // Whoever caused it hears it twice: by the notice that all get, and by the answer.
    await waitFor('the fast one is told', async () => told(fast).length > 1)
    expect([told(fast), told(slow)]).toEqual([[{ delay: 450 }, { delay: 1_800 }], [{ delay: 1_800 }]])

    // Too slow to be kept up with: the others do not wait for it.
    await using hopeless = await join(server.url, id)
    expect(await inStep(hopeless, 30_000)).toEqual({ delay: 1_800 })

    // Whoever leaves, by a word or by closing the page, is forgotten.
    expect(await inStep(hopeless, null)).toEqual({ delay: null })
    slow.socket.disconnect()
    await waitFor('the slow one is forgotten', async () => {
      await inStep(fast, null)
      return (await inStep(fast, 120)).delay === 450
    })
    expect(told(alone)).toEqual([])
    expect(told(hopeless)).toEqual([])
  })

  it('must have joined, and must say a time that can be', async () => {
    await using server = await startApp()
    const { id } = await createBroadcast(server.url)
    await using early = await RawClient.connect(server.url, viewerAuth(id))
    expect(await early.request('watch:sync', { least: 100 })).toMatchObject({ error: { code: 'wrong-state' } })
    await early.request('watch:join')
    for (const least of [-1, 1e9, '100', undefined]) {
      expect(await early.request('watch:sync', { least }), String(least)).toMatchObject({
        error: { code: 'bad-message' },
      })
    }
  })
})

async function join(url: string, id: string): Promise<RawClient> {
  const client = await RawClient.connect(url, viewerAuth(id))
  await client.request('watch:join')
  return client
}

async function inStep(client: RawClient, least: number | null): Promise<Record<string, unknown>> {
  const { value } = await client.request('watch:sync', { least })
  return value ?? {}
}

function told({ notices }: RawClient): unknown[] {
  return notices.filter(({ name }) => name === 'sync').map(({ payload }) => payload)
}
