import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../server/lib/clock.ts'
import type { EncoderSettings } from '../../../server/tap/encoders.ts'
import { tryEncoder } from '../../../server/tap/tryEncoder.ts'
import { startApp } from '../../helpers/app.ts'
import { expectNothingLeft, snapshot } from '../../helpers/leaks.ts'

const settings: EncoderSettings = { encoder: 'libx264', preset: 'veryfast', device: '/dev/dri/renderD128' }
const missing: EncoderSettings = { ...settings, encoder: 'h264_vaapi', device: '/dev/dri/there-is-none' }

describe('tryEncoder', () => {
  it('finds nothing wrong with an encoder that works', async () => {
    expect(await tryEncoder('ffmpeg', settings, systemClock)).toBeNull()
  })

  it('says what is wrong with one whose hardware is missing, and leaves nothing behind', async () => {
    const before = snapshot()
    expect(await tryEncoder('ffmpeg', missing, systemClock)).toMatch(/there-is-none|device/i)
    await expectNothingLeft(before)
  })
})

describe('a server', () => {
  it('does not start with a hardware encoder that does not work, names the setting, and leaves nothing behind', async () => {
    const before = snapshot()
    const env = { NEARCAST_TRANSCODE_ENCODER: 'h264_vaapi', NEARCAST_TRANSCODE_DEVICE: missing.device }
    await expect(startApp(env)).rejects.toThrow(/NEARCAST_TRANSCODE_ENCODER: h264_vaapi does not work here/)
    await expectNothingLeft(before)
  })

  it('tries no encoder when nothing is to be transcoded', async () => {
    const env = { NEARCAST_TRANSCODE_ENCODER: 'h264_vaapi', NEARCAST_TRANSCODE_DEVICE: missing.device }
    await using server = await startApp({ ...env, NEARCAST_TRANSCODES: '0' })
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  })
})
