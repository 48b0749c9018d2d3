import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../server/lib/clock.ts'
import { describeExit, FfmpegProcess, prepareFfmpeg } from '../../../server/tap/FfmpegProcess.ts'
import type { FfmpegCommand } from '../../../server/tap/ffmpegArgs.ts'
import { expectNothingLeft, snapshot } from '../../helpers/leaks.ts'
import { ourProcesses } from '../../helpers/processes.ts'
import { waitFor } from '../../helpers/waitFor.ts'

const folder = mkdtempSync(join(tmpdir(), 'nct-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** An FFmpeg that answers questions about itself and, when told to encode, does something else. */
function otherFfmpeg(name: string, does: string): string {
  const path = join(folder, name)
  const script = `#!${process.execPath}
const { spawnSync } = require('node:child_process')
const { writeFileSync } = require('node:fs')
const args = process.argv.slice(2)
if (args.includes('-formats') || args.includes('-encoders')) spawnSync('ffmpeg', args, { stdio: 'inherit' })
else {
  setInterval(() => {}, 1000)
  ${does}
}
`
  writeFileSync(path, script)
  chmodSync(path, 0o755)
  return path
}

/** Ignores SIGTERM for ever. */
const deafFfmpeg = () => otherFfmpeg('deaf-ffmpeg', `process.on('SIGTERM', () => {}); process.stderr.write('deaf\\n')`)

/** A tone to each of so many outputs. */
function tone(outputs: number, seconds?: number): FfmpegCommand {
  const limit = seconds === undefined ? [] : ['-t', String(seconds)]
  return {
    input: { url: 'sine=frequency=440', options: ['-nostdin', '-loglevel', 'verbose', '-re', '-f', 'lavfi', ...limit] },
    outputs: Array.from({ length: outputs }, () => ['-c:a', 'pcm_s16le', '-f', 's16le']),
  }
}

async function start(
  command: FfmpegCommand,
  rest: { ffmpegPath?: string; readyLine?: RegExp; signal?: AbortSignal } = {},
) {
  const bytes: number[] = command.outputs.map(() => 0)
  const child = await FfmpegProcess.create({
    ffmpegPath: rest.ffmpegPath ?? 'ffmpeg',
    command,
    ...(rest.readyLine ? { readyLine: rest.readyLine } : {}),
    ...(rest.signal ? { signal: rest.signal } : {}),
    onOutput: (output, chunk) => {
      bytes[output] = (bytes[output] ?? 0) + chunk.length
    },
    clock: systemClock,
  })
  return { child, bytes }
}

describe('FfmpegProcess', () => {
  it('hands out all bytes of all outputs before it says that it is closed', async () => {
    const before = snapshot()
    const { child, bytes } = await start(tone(3, 0.5))
    const exit = await child.closed
    expect({ stopped: exit.stopped, code: exit.code, bytes }).toEqual({
      ...{ stopped: false, code: 0 },
      bytes: [44_100, 44_100, 44_100],
    })
    await expectNothingLeft(before)
  })

  it('takes the end of a stopped child for no failure, and leaves no process and no socket', async () => {
    const before = snapshot()
    const { child, bytes } = await start(tone(2))
    await waitFor('both outputs flow', () => bytes.every((count) => count > 0))
    const { pid } = child
    const exit = await child.stop()
    expect(exit.stopped).toBe(true)
    expect(child.pid).toBeUndefined()
    expect(ourProcesses().map((entry) => entry.pid)).not.toContain(pid)
    expect(await child.stop()).toBe(exit)
    await expectNothingLeft(before)
  })

  it('waits for one that takes long to its first words, as on a machine that has no time for it', async () => {
    const mark = join(folder, 'listens')
    const listen = `writeFileSync('${mark}', ''); process.stderr.write('listening\\n')`
    const ffmpegPath = otherFfmpeg('slow-ffmpeg', `setTimeout(() => { ${listen} }, 2500)`)
    const { child } = await start(tone(1), { ffmpegPath, readyLine: /listening/ })
    expect(existsSync(mark)).toBe(true)
    await child.stop()
  })

  it('waits no longer than anybody wants it to', async () => {
    const before = snapshot()
    const ffmpegPath = otherFfmpeg('silent-ffmpeg', '')
    const unwanted = new AbortController()
    const starting = start(tone(2), { ffmpegPath, readyLine: /never/, signal: unwanted.signal })
    await waitFor('the child runs', () => ourProcesses().some(({ command }) => command.includes('silent-ffmpeg')))
    unwanted.abort()
    await expect(starting).rejects.toThrow(/FFmpeg ended before it was ready/)
    await expectNothingLeft(before)
  })

  it('kills a child that ignores SIGTERM', async () => {
    const { child } = await start(tone(1), { ffmpegPath: deafFfmpeg(), readyLine: /deaf/ })
    expect(await child.stop()).toMatchObject({ stopped: true, signal: 'SIGKILL' })
  })

  it('tells how a child died, with the last of what it said and no more', async () => {
    const { child } = await start(tone(1))
    process.kill(child.pid ?? 0, 'SIGKILL')
    const exit = await child.closed
    expect(exit).toMatchObject({ stopped: false, code: null, signal: 'SIGKILL' })
    expect(exit.stderr.length).toBeLessThanOrEqual(20)
    expect(describeExit({ ...exit, stderr: ['first', 'last'] })).toBe('SIGKILL: last')
    const complaint = '[sdp @ 0x1] [error] dimensions not set'
    const lines = [complaint, '[error] ', '[verbose] Statistics']
    expect(describeExit({ ...exit, stderr: lines })).toBe(`SIGKILL: ${complaint}`)
  })

  it('rejects when the child ends before it is ready, and leaves nothing behind', async () => {
    const before = snapshot()
    const broken = {
      ...tone(2),
      outputs: [
        ['-c:a', 'nonsense'],
        ['-f', 's16le'],
      ],
    }
    await expect(start(broken, { readyLine: /never/ })).rejects.toThrow(/FFmpeg ended before it was ready: exit code 1/)
    await expectNothingLeft(before)
  })

  it('rejects when there is no such program', async () => {
    const missing = join(folder, 'missing')
    await expect(start(tone(1), { ffmpegPath: missing })).rejects.toThrow(/could not be started/)
    await prepareFfmpeg('ffmpeg')
  })
})
