import { describe, expect, it } from 'vitest'
import {
  aptArguments,
  BROWSERS,
  FFMPEG,
  installCommand,
  installerOf,
  missing,
  TEST_NETWORK,
} from '../../../server/setup/systemPackages.js'

describe('system packages', () => {
  it('lists what is not found, without what another system needs', async () => {
    const has = async ({ plain }: { plain: string }) => plain === 'Firefox'
    const names = (list: { plain: string }[]) => list.map(({ plain }) => plain)
    expect(names(await missing([...BROWSERS, ...TEST_NETWORK], has, 'linux'))).toEqual([
      'Chromium',
      'coturn',
      'ip (iproute2)',
      'iptables',
    ])
    expect(names(await missing([...BROWSERS, ...TEST_NETWORK], has, 'darwin'))).toEqual(['Chromium', 'coturn'])
  })

  it.each([
    [
      'apt',
      'sudo apt-get update && sudo apt-get install -y --no-install-recommends ffmpeg chromium firefox-esr coturn',
    ],
    ['brew', 'brew install ffmpeg coturn && brew install --cask chromium firefox'],
    ['none', "install with your system's package manager: FFmpeg 4.4 or newer, Chromium, Firefox, coturn"],
  ])('tells the one command that brings everything with %s', (installer, command) => {
    expect(installCommand(installer, [...FFMPEG, ...BROWSERS, ...TEST_NETWORK.slice(0, 1)])).toBe(command)
  })

  it('names a package once that brings two things', () => {
    expect(installCommand('apt', [...FFMPEG, ...FFMPEG])).toMatch(/ ffmpeg$/)
    expect(aptArguments([...FFMPEG, ...FFMPEG]).filter((word: string) => word === 'ffmpeg')).toHaveLength(1)
  })

  it.each([
    ['darwin', true, 'brew'],
    ['linux', true, 'apt'],
    ['linux', false, 'none'],
    ['win32', false, 'none'],
  ])('knows the installer of %s (apt-get there: %s)', (platform, apt, installer) => {
    expect(installerOf({ platform, hasProgram: () => apt })).toBe(installer)
  })
})
