import { describe, expect, it } from 'vitest'
import { OptionError, parseOptions } from '../../conformance/options.ts'

const url = 'https://host.example/hls/x/index.m3u8'

describe('the command line of the conformance suite', () => {
  it('takes an address, and records a minute of it', () => {
    expect(parseOptions([url])).toEqual({ url, minutes: 1, json: null })
  })

  it('takes minutes and a file', () => {
    expect(parseOptions(['--minutes', '10', url, '--json=out.json'])).toEqual({ url, minutes: 10, json: 'out.json' })
  })

  it.each([
    [[], 'npm run conformance'],
    [[url, url], 'npm run conformance'],
    [['here'], 'not a web address: here'],
    [['file:///etc/passwd'], 'not a web address'],
    [[url, '--minutes', 'ten'], '--minutes: a number from'],
    [[url, '--minutes', ''], '--minutes: a number from'],
    [[url, '--minutes', '100'], '--minutes: a number from'],
    [[url, '--hours', '1'], '--hours'],
  ])('refuses %j and says why', (args, why) => {
    expect(() => parseOptions(args)).toThrow(OptionError)
    expect(() => parseOptions(args)).toThrow(why)
  })
})
