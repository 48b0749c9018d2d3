/** Transports by which a publisher tries the ways there are: bounded, its own, and no part of what is sent. */
import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { startApp } from '../../helpers/app.ts'
import { createBroadcast } from '../../helpers/broadcast.ts'
import { broadcasterAuth, RawClient, viewerAuth } from '../../helpers/rawClient.ts'

const dtlsParameters = { fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('AB').join(':') }] }
const refused = (code: string) => ({ ok: false, error: { code } })

it('a publisher tries ways beside the transport that it has, at most six at once, and gives them back', async () => {
  await using server = await startApp()
  const created = await createBroadcast(server.url)
  await using owner = await RawClient.connect(server.url, broadcasterAuth(created))
  expect(await owner.request('publish:probe:create')).toMatchObject(refused('wrong-state'))
  const joined = await owner.request('publish:join')
  expect(joined.value).toMatchObject({ gracePeriod: 30_000 })
  const { value: sending } = await owner.request('publish:transport:create')

  const made = await Promise.all(Array.from({ length: 8 }, () => owner.request('publish:probe:create')))
  const probes = made.filter(({ ok }) => ok).map(({ value }) => String(value?.id))
  expect(probes).toHaveLength(6)
  expect(made.filter(({ ok }) => !ok)).toMatchObject(Array(2).fill(refused('wrong-state')))
  expect(made.find(({ ok }) => ok)?.value?.iceCandidates).toEqual(sending?.iceCandidates)

  const [transportId] = probes
  const connect = () => owner.request('publish:probe:connect', { transportId, dtlsParameters })
  expect(await connect()).toMatchObject({ ok: true })
  expect(await connect()).toMatchObject(refused('wrong-state'))
  expect(await owner.request('publish:probe:close', { transportId })).toMatchObject({ ok: true })
  expect(await connect()).toMatchObject(refused('unknown-id'))
  expect(await owner.request('publish:probe:close', { transportId: randomUUID() })).toMatchObject(refused('unknown-id'))
  expect(await owner.request('publish:probe:create')).toMatchObject({ ok: true })
  // What is sent over is another matter: a probe cannot close it, and did not replace it.
  const own = { transportId: String(sending?.id) }
  expect(await owner.request('publish:probe:close', own)).toMatchObject(refused('unknown-id'))
  expect(await owner.request('publish:transport:restart-ice', own)).toMatchObject({ ok: true })

  await using viewer = await RawClient.connect(server.url, viewerAuth(created.id))
  await viewer.request('watch:join')
  expect(await viewer.request('publish:probe:create')).toMatchObject(refused('bad-message'))
})
