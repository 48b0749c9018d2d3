import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const entrypoint = fileURLToPath(new URL('../../../turn/entrypoint.sh', import.meta.url))
const good = {
  TURN_SECRET: '0123456789abcdef0123456789abcdef',
  TURN_REALM: 'live.test',
  TURN_ALLOWED_PEERS: '203.0.113.7,2001:db8::7',
}

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'turn-'))
  // Stands for coturn: shows its arguments and the configuration it was given.
  writeFileSync(join(directory, 'turnserver'), '#!/bin/sh\necho "$@"\nenv | grep TURN_SECRET\ncat "$2"\n')
  chmodSync(join(directory, 'turnserver'), 0o755)
  writeFileSync(join(directory, 'turnadmin'), '#!/bin/sh\nexit 0\n')
  chmodSync(join(directory, 'turnadmin'), 0o755)
})
afterEach(() => rmSync(directory, { recursive: true }))

function start(change: Record<string, string> = {}, ...args: string[]) {
  const env = { PATH: `${directory}:/usr/bin:/bin`, TURN_RUN_DIR: join(directory, 'run'), ...good, ...change }
  const { status, stdout, stderr } = spawnSync('/bin/sh', [entrypoint, ...args], { env, encoding: 'utf8' })
  const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return { status, lines, stderr }
}

describe("coturn's entry point", () => {
  it('fills in the template, hands its arguments on and keeps the secret out of the environment', () => {
    const { status, lines } = start({ TURN_EXTERNAL_IP: '198.51.100.9' }, '--verbose')
    expect(status).toBe(0)
    expect(lines[0]).toBe(`-c ${join(directory, 'run')}/turnserver.conf --verbose`)
    expect(lines[1]).toBe('listening-port=3478')
    expect(lines).toEqual(
      expect.arrayContaining([
        `static-auth-secret=${good.TURN_SECRET}`,
        'use-auth-secret',
        'realm=live.test',
        'external-ip=198.51.100.9',
        'denied-peer-ip=0.0.0.0-255.255.255.255',
        'denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
        'allowed-peer-ip=203.0.113.7',
        'allowed-peer-ip=2001:db8::7',
        'total-quota=1200',
        'no-multicast-peers',
        'no-tcp-relay',
        'no-cli',
        'no-tls',
      ]),
    )
    expect(lines.join('\n')).not.toMatch(/@[A-Z_]+@|external-ip=$|allow-loopback-peers|TURN_SECRET=/)
  })

  it('leaves the configuration readable to its owner alone', () => {
    start()
    expect(statSync(join(directory, 'run/turnserver.conf')).mode & 0o777).toBe(0o600)
  })

  it('serves TLS when it is given a certificate', () => {
    const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')]
    for (const file of [cert, key]) writeFileSync(file, '')
    const { lines } = start({ TURN_TLS_CERT: cert, TURN_TLS_KEY: key })
    expect(lines).toEqual(expect.arrayContaining(['tls-listening-port=5349', `cert=${cert}`, `pkey=${key}`]))
    expect(lines).not.toContain('no-tls')
  })

  it.each([
    ['no secret', { TURN_SECRET: '' }, 'TURN_SECRET is not set'],
    ['a short secret', { TURN_SECRET: '0123456789abcdef0123456789abcde' }, 'at least 32 characters'],
    ['an example secret', { TURN_SECRET: 'Replace-me-with-openssl-rand-hex-32' }, 'is an example'],
    ['a secret with another option', { TURN_SECRET: `${good.TURN_SECRET}\nno-auth` }, 'TURN_SECRET must be one line'],
    ['a secret that ends in a newline', { TURN_SECRET: `${good.TURN_SECRET}\n` }, 'TURN_SECRET must be one line'],
    ['no realm', { TURN_REALM: '' }, 'TURN_REALM is not set'],
    ['a realm for sed', { TURN_REALM: 'a|b' }, 'TURN_REALM may contain only'],
    ['no peers', { TURN_ALLOWED_PEERS: '' }, 'TURN_ALLOWED_PEERS is not set'],
    ['a range of peers', { TURN_ALLOWED_PEERS: '0.0.0.0-255.255.255.255' }, 'TURN_ALLOWED_PEERS may contain only'],
    ['a name as a peer', { TURN_ALLOWED_PEERS: 'sfu.example.org' }, 'TURN_ALLOWED_PEERS may contain only'],
    ['a port out of range', { TURN_PORT: '70000' }, 'TURN_PORT must be a port'],
    ['an empty range of ports', { TURN_MIN_PORT: '5000', TURN_MAX_PORT: '4000' }, 'must not be above'],
    ['a certificate without a key', { TURN_TLS_CERT: '/etc/hostname' }, 'TURN_TLS_KEY is no readable file'],
  ])('refuses to start with %s', (_, change, message) => {
    const { status, stderr, lines } = start(change)
    expect({ status, lines }).toEqual({ status: 64, lines: [] })
    expect(stderr).toContain(message)
    expect(stderr).not.toContain(good.TURN_SECRET)
  })
})
