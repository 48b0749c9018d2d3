import { describe, expect, it } from 'vitest'
import { ConfigError, parseConfig, settings } from '../../server/config.ts'

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    parseConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('the configuration', () => {
  it('needs nothing to be set', () => {
    const config = parseConfig({})
    expect(config.port).toBe(8080)
    expect(config.gracePeriod).toBe(30)
    expect(config.turnUrls).toEqual([])
    expect(config.announcedAddress).toBeNull()
  })

  it('reads what is set, and takes an empty value for unset', () => {
    const config = parseConfig({ PORT: '0', NEARCAST_PART_TARGET: '0.5', NEARCAST_TRUST_PROXY: 'true', HOST: ' ' })
    expect(config).toMatchObject({ port: 0, partTarget: 0.5, trustProxy: true, host: '::' })
  })

  it('reports every problem at once, each with the name and what is accepted', () => {
    const problems = problemsOf({
      PORT: '99999',
      NEARCAST_WORKERS: 'many',
      NEARCAST_LOG_LEVEL: 'loud',
      NEARCAST_PROT: '1',
    })
    expect(problems).toEqual([
      'PORT: "99999" is not accepted: a whole number from 0 to 65535',
      'NEARCAST_WORKERS: "many" is not accepted: a whole number from 1 to 64',
      'NEARCAST_LOG_LEVEL: "loud" is not accepted: one of fatal, error, warn, info, debug, trace',
      'NEARCAST_PROT: there is no such setting',
    ])
  })

  it('never quotes a secret', () => {
    expect(problemsOf({ NEARCAST_TURN_SECRET: 'hunter2' }).join()).not.toContain('hunter2')
  })

  it('leaves the test suite its own names', () => {
    expect(problemsOf({ NEARCAST_TEST_CHROMIUM: '/opt/chromium' })).toEqual([])
  })

  it.each([
    [{ NEARCAST_TLS_CERT: 'cert.pem' }, 'NEARCAST_TLS_KEY'],
    [{ NEARCAST_TURN_URLS: 'turn:turn.example.org:3478' }, 'NEARCAST_TURN_SECRET'],
    [{ NEARCAST_TURN_SECRET: 'only-twenty-letters-x' }, '32 characters'],
    [{ NEARCAST_RTC_PORT: '65000', NEARCAST_WORKERS: '64', NEARCAST_TAP_PORT: '64000' }, 'NEARCAST_TAP_PORT'],
  ])('refuses settings that do not go together: %j', (environment, mention) => {
    expect(problemsOf(environment).join()).toContain(mention)
  })

  it('declares every setting with a meaning and what it accepts', () => {
    for (const setting of Object.values(settings)) {
      expect(setting.name).toMatch(/^(PORT|HOST|PUBLIC_URL|DATA_DIR|NEARCAST_[A-Z_]+)$/)
      expect(setting.meaning).toMatch(/\.$/)
      expect(setting.accepts).not.toBe('')
    }
  })
})
