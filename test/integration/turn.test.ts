/** coturn as we configure it, asked with raw TURN messages and with credentials that our server makes. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { turnCredentials } from '../../server/auth/turnCredentials.ts'
import { systemClock } from '../../server/lib/clock.ts'
import { startCoturn, type TestCoturn } from '../helpers/coturn.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../helpers/leaks.ts'
import { openPorts } from '../helpers/processes.ts'
import { attributes } from '../helpers/stun.ts'
import { TurnClient, transports } from '../helpers/TurnClient.ts'
import { waitFor } from '../helpers/waitFor.ts'

let before: Snapshot
let coturn: TestCoturn
beforeEach(async () => {
  before = snapshot()
  coturn = await startCoturn()
})
afterEach(async () => {
  await coturn.stop()
  await expectNothingLeft(before)
})

function credentials(change: { secret?: string; ttl?: number; user?: string } = {}) {
  const input = { secret: coturn.secret, urls: coturn.urls, ttl: 60, now: systemClock.now(), user: 'viewer', ...change }
  return turnCredentials(input)
}

async function allocate(client: TurnClient, of = credentials(), transport: number = transports.udp) {
  return client.allocate(of.username, of.credential, transport)
}

describe('coturn as we configure it', () => {
  it('gives an allocation for our credentials and lets it reach the SFU', async () => {
    await using client = await TurnClient.create(coturn.port)
    expect(await allocate(client)).toBeUndefined()
    expect(await client.permit('127.0.0.1')).toBeUndefined()
    expect(await client.refresh(0)).toBeUndefined()
  })

  it('refuses nobody of many who ask at once as soon as it has started', async () => {
    const clients = await Promise.all(Array.from({ length: 12 }, () => TurnClient.create(coturn.port)))
    try {
      const answers = await Promise.all(
        clients.map((client, index) => allocate(client, credentials({ user: `${index}` }))),
      )
      expect(answers).toEqual(clients.map(() => undefined))
    } finally {
      for (const client of clients) client.close()
    }
  })

  it('refuses credentials of another secret and expired ones', async () => {
    await using wrong = await TurnClient.create(coturn.port)
    await using expired = await TurnClient.create(coturn.port)
    expect(await allocate(wrong, credentials({ secret: 'another secret of a fair length' }))).toBe(401)
    expect(await allocate(expired, credentials({ ttl: -10 }))).toBe(401)
  })

  it('refuses every peer but the SFU: loopback, private, link-local, public and multicast addresses', async () => {
    await using client = await TurnClient.create(coturn.port)
    expect(await allocate(client)).toBeUndefined()
    for (const peer of ['127.0.0.2', '10.0.0.1', '169.254.169.254', '192.168.1.1', '8.8.8.8', '224.0.0.1', '0.0.0.0']) {
      expect([peer, await client.permit(peer)]).toEqual([peer, 403])
    }
  })

  it('relays no TCP', async () => {
    await using client = await TurnClient.create(coturn.port)
    expect(await allocate(client, credentials(), transports.tcp)).toBe(442)
  })

  it('gives one user twelve allocations and no more, while others still get theirs', async () => {
    const clients = await Promise.all(Array.from({ length: 14 }, () => TurnClient.create(coturn.port)))
    try {
      const answers: (number | undefined)[] = []
      for (const client of clients.slice(0, 13)) answers.push(await allocate(client, credentials({ user: 'greedy' })))
      expect(answers).toEqual([...Array.from({ length: 12 }, () => undefined), 486])
      const [other] = clients.slice(-1)
      expect(other && (await allocate(other, credentials({ user: 'modest' })))).toBeUndefined()
    } finally {
      for (const client of clients) client.close()
    }
  })

  it('keeps an allocation alive after its credentials have expired, and gives no new one for them', async () => {
    await using client = await TurnClient.create(coturn.port)
    const brief = credentials({ ttl: 3 })
    expect(await allocate(client, brief)).toBeUndefined()
    await waitFor('the credentials have expired', async () => {
      await using late = await TurnClient.create(coturn.port)
      return (await allocate(late, brief)) === 401
    })
    expect(await client.refresh(600)).toBeUndefined()
  })

  it('does not name its software and opens no port but its own and the relayed ones', async () => {
    await using client = await TurnClient.create(coturn.port)
    const answer = await client.binding()
    expect(answer.attributes.has(attributes.software)).toBe(false)
    expect([...answer.attributes.keys()]).toContain(attributes.xorMappedAddress)
    expect(new Set(openPorts([coturn.pid]).map((open) => `${open.address}:${open.port}`))).toEqual(
      new Set([`127.0.0.1:${coturn.port}`]),
    )
  })
})
