/** The compose file against the code: its settings, ports, paths and secrets. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseConfig, settings } from '../../../server/config.ts'
import { nodeFlags } from '../../../server/setup/nodeFlags.js'

interface Service {
  build?: { context: string; dockerfile: string }
  network_mode?: string
  environment: Record<string, string | number>
  volumes: string[]
  entrypoint?: string[]
  healthcheck?: { test: string[] }
}

const top = new URL('../../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, top), 'utf8')
const compose = parse(read('docker-compose.yml')) as { services: Record<string, Service>; volumes: object }
const { nearcast, coturn, proxy } = compose.services as Record<'nearcast' | 'coturn' | 'proxy', Service>

const dotEnv: Record<string, string> = {
  DOMAIN: 'live.test',
  NEARCAST_ANNOUNCED_ADDRESS: '203.0.113.7',
  NEARCAST_TURN_SECRET: 'a'.repeat(64),
  NEARCAST_OPERATOR_TOKEN: 'b'.repeat(64),
}

/** What compose makes of `${NAME}`, `${NAME:-default}`, `${NAME:+instead}` and `${NAME:?refusal}`; innermost first. */
function interpolate(text: string, env: Record<string, string>): string {
  const innermost = /\$\{([A-Z_]+)(?::([-+?])([^${}]*))?\}/
  for (let found = innermost.exec(text); found; found = innermost.exec(text)) {
    const [whole, name = '', form, words = ''] = found
    const value = env[name] ?? ''
    if (form === '?' && value === '') throw new Error(`${name}: ${words}`)
    const result = form === '+' ? (value === '' ? '' : words) : value === '' && form === '-' ? words : value
    text = text.replace(whole, () => result)
  }
  return text
}

function environment(service: Service, env = dotEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(service.environment).map(([key, value]) => [key, interpolate(`${value}`, env)]),
  )
}

describe('docker-compose.yml', () => {
  it('sets only what the server knows, to values that it takes', () => {
    const known = Object.values(settings).map((setting) => setting.name)
    expect(known).toEqual(expect.arrayContaining(Object.keys(nearcast.environment)))
    expect(parseConfig(environment(nearcast))).toMatchObject({
      publicUrl: 'https://live.test',
      announcedAddress: '203.0.113.7',
      trustProxy: true,
      create: 'token',
      turnUrls: ['turn:live.test:3478?transport=udp', 'turn:live.test:3478?transport=tcp'],
      stunUrls: ['stun:live.test:3478'],
    })
  })

  it('has no default secret: it refuses to start without each of them', () => {
    for (const missing of Object.keys(dotEnv)) {
      const env = { ...dotEnv, [missing]: '' }
      const start = () => [nearcast, coturn, proxy].map((service) => environment(service, env))
      expect(start, missing).toThrow(missing)
    }
    expect(read('docker-compose.yml')).not.toMatch(/(SECRET|TOKEN): [^$\s]/)
  })

  it('gives coturn the secret, the peers and the port that the server tells clients of', () => {
    const [server, turn] = [environment(nearcast), environment(coturn)]
    expect(turn).toMatchObject({
      TURN_SECRET: server.NEARCAST_TURN_SECRET,
      TURN_EXTERNAL_IP: '203.0.113.7',
      TURN_ALLOWED_PEERS: '203.0.113.7,',
    })
    for (const url of `${server.NEARCAST_TURN_URLS},${server.NEARCAST_STUN_URLS}`.split(',')) {
      expect(url).toContain(`live.test:${turn.TURN_PORT}`)
    }
    const behindNat = environment(coturn, { ...dotEnv, PRIVATE_ADDRESS: '10.0.0.7' })
    expect(behindNat.TURN_EXTERNAL_IP).toBe('203.0.113.7/10.0.0.7')
    expect(behindNat.TURN_ALLOWED_PEERS).toBe('203.0.113.7,10.0.0.7')
  })

  it('sets only what the entry point of coturn reads', () => {
    const script = read('turn/entrypoint.sh')
    for (const name of Object.keys(coturn.environment)) expect(script).toContain(`\${${name}:-`)
    expect(read('turn/README.md').match(/`TURN_[A-Z_]+`/g)).toEqual(
      expect.arrayContaining([...script.matchAll(/\$\{(TURN_[A-Z_]+):-/g)].map(([, name]) => `\`${name}\``)),
    )
  })

  it('leads proxy and health checks to the port that the server listens on, and media past the proxy', () => {
    const { PORT, HOST } = environment(nearcast)
    expect(read('server/deploy/Caddyfile')).toContain(`reverse_proxy ${HOST}:${PORT} `)
    expect(nearcast.healthcheck?.test.join(' ')).toContain(`http://${HOST}:${PORT}/readyz`)
    expect(coturn.healthcheck?.test.join(' ')).toContain(`-p ${environment(coturn).TURN_PORT} `)
    for (const service of [nearcast, coturn, proxy]) expect(service.network_mode).toBe('host')
  })

  it('names files and folders that exist', () => {
    expect(existsSync(new URL(nearcast.build?.dockerfile ?? '', top))).toBe(true)
    for (const volume of [nearcast, coturn, proxy].flatMap((service) => service.volumes)) {
      const [source = ''] = volume.split(':')
      if (source.startsWith('.')) expect(existsSync(new URL(source, top)), source).toBe(true)
      else expect(Object.keys(compose.volumes)).toContain(source)
    }
    const mount = coturn.volumes[0]?.split(':')[1]
    expect(coturn.entrypoint?.[1]).toBe(`${mount}/entrypoint.sh`)
  })

  it('opens in its firewall note exactly the ports it uses', () => {
    const note = read('docker-compose.yml').split('\nname:')[0] ?? ''
    const { NEARCAST_RTC_PORT } = environment(nearcast)
    const { TURN_PORT, TURN_MIN_PORT, TURN_MAX_PORT } = environment(coturn)
    for (const port of ['80', '443', NEARCAST_RTC_PORT, TURN_PORT, TURN_MIN_PORT, TURN_MAX_PORT]) {
      expect(note).toMatch(new RegExp(`\\b${port}\\b`))
    }
  })
})

describe('the image', () => {
  it('copies what exists and starts what npm start starts', () => {
    const dockerfile = read('server/deploy/Dockerfile')
    for (const [, path = ''] of dockerfile.matchAll(/COPY --from=build \/app\/(\S+)/g)) {
      if (path !== 'client/dist' && path !== 'node_modules') expect(existsSync(new URL(path, top)), path).toBe(true)
    }
    expect(read('server/setup/start.js')).toContain("'server/main.ts'")
    const words = ['node', ...nodeFlags, 'server/main.ts'].map((word) => `"${word}"`)
    expect(dockerfile).toContain(`CMD [${words.join(', ')}]`)
    expect(dockerfile).toContain("prepare('serve')")
  })
})
