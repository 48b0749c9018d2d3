import { describe, expect, it } from 'vitest'
import { ffmpegFaults } from '../../../server/setup/steps/ffmpeg.js'
import { atLeast, ffmpegVersion, parseVersion } from '../../../server/setup/versions.js'

describe('versions', () => {
  it.each([
    ['v24.21.0', [24, 21, 0]],
    ['ffmpeg version 5.1.9-0+deb12u1 Copyright', [5, 1, 9]],
    ['10.2', [10, 2, 0]],
    ['no number', undefined],
  ])('reads %s', (text, numbers) => {
    expect(parseVersion(text)).toEqual(numbers)
  })

  it.each([
    ['v24.0.0', '24.0', true],
    ['v23.11.1', '24.0', false],
    ['10.0', '4.4', true],
    ['4.4', '4.4', true],
    ['4.3.9', '4.4', false],
    ['', '4.4', false],
  ])('compares numbers, not text: %s against %s', (have, want, enough) => {
    expect(atLeast(have, want)).toBe(enough)
  })

  it.each([
    ['ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026', '5.1.9'],
    ['ffmpeg version n7.1 Copyright', '7.1'],
    ['ffmpeg version N-109065-g7bd4a6f Copyright', 'git'],
    ['something else', undefined],
  ])('finds the release in %s', (output, version) => {
    expect(ffmpegVersion(output)).toBe(version)
  })
})

describe('an FFmpeg', () => {
  const good = {
    version: 'ffmpeg version 4.4.2',
    protocols: 'Input:\n  file\n  pipe\n  rtp\n  tcp\n  udp\n  unix',
    encoders: ' V....D libx264  H.264\n A....D aac  AAC\n A....D libopus  Opus',
  }

  it('has no faults when it is new enough and complete', () => {
    expect(ffmpegFaults(good)).toEqual([])
  })

  it('is refused with what it lacks by name', () => {
    const bad = {
      ...good,
      version: 'ffmpeg version 4.2.7',
      encoders: ' A....D aac  AAC',
      protocols: 'file pipe tcp udp unix',
    }
    expect(ffmpegFaults(bad)).toEqual([
      'version 4.2.7 is older than 4.4',
      'it lacks protocol rtp, encoder libopus, encoder libx264',
    ])
  })
})
