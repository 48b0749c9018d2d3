import { describe, expect, it } from 'vitest'
import { OptionError, parseOptions } from '../../bench/options.ts'

const keys = ['webrtc', 'cpu']

describe('the command line of the benchmark', () => {
  it('measures everything and prints the JSON when nothing is said', () => {
    expect(parseOptions([], keys)).toEqual({
      only: [],
      json: null,
      minutes: 2,
      samples: 20,
      clients: null,
      profile: null,
    })
  })

  it('takes rows, a file, minutes and a number of samples', () => {
    const args = ['--only', 'cpu, webrtc', '--json', 'out.json', '--minutes', '10', '--samples=40']
    expect(parseOptions([...args, '--clients', '300', '--profile', 'profiles'], keys)).toEqual({
      only: ['cpu', 'webrtc'],
      json: 'out.json',
      minutes: 10,
      samples: 40,
      clients: 300,
      profile: 'profiles',
    })
  })

  it.each([
    [['--only', 'gpu'], 'webrtc, cpu'],
    [['--only'], '--only'],
    [['--minutes', 'ten'], 'from 0.5'],
    [['--minutes', '0'], 'from 0.5'],
    [['--samples', ''], 'from 1'],
    [['--clients', '0'], 'from 1'],
    [['--fast'], '--fast'],
    [['fast'], 'fast'],
  ])('refuses %j and says what it accepts', (args, words) => {
    expect(() => parseOptions(args, keys)).toThrow(OptionError)
    expect(() => parseOptions(args, keys)).toThrow(words)
  })
})
