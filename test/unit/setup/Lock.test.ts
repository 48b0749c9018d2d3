import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Lock, withLock } from '../../../server/setup/Lock.js'

const run = promisify(execFile)
const module = new URL('../../../server/setup/Lock.js', import.meta.url).href

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'))
  path = join(folder, 'locks', 'one')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

/** A process that reads a number, gives others time to do the same, and writes the number plus one, under the lock. */
const increment = `
  const { withLock } = await import(process.argv[1])
  const { readFile, writeFile } = await import('node:fs/promises')
  for (let i = 0; i < 5; i++) await withLock(process.argv[2], () => {}, async () => {
    const number = Number(await readFile(process.argv[3], 'utf8'))
    await new Promise((resolve) => setImmediate(resolve))
    await writeFile(process.argv[3], String(number + 1))
  })`

describe('Lock', () => {
  it('lets processes that race for it in one at a time', async () => {
    const file = join(folder, 'number')
    await writeFile(file, '0')
    const racer = () => run(process.execPath, ['--input-type=module', '-e', increment, module, path, file])
    await Promise.all([racer(), racer(), racer()])
    expect(await readFile(file, 'utf8')).toBe('15')
    expect(await readdir(join(folder, 'locks'))).toEqual([])
  })

  it('makes the second wait, and says for whom', async () => {
    const first = await Lock.acquire(path)
    const order: string[] = []
    const waiting = Promise.withResolvers<number>()
    const second = withLock(path, waiting.resolve, async () => order.push('second'))
    expect(await waiting.promise).toBe(process.pid)
    order.push('first')
    await first.release()
    await second
    expect(order).toEqual(['first', 'second'])
  })

  it('is taken over from an owner that was killed', async () => {
    const hold = `const { Lock } = await import(process.argv[1]); await Lock.acquire(process.argv[2]); process.kill(process.pid, 'SIGKILL')`
    await expect(run(process.execPath, ['--input-type=module', '-e', hold, module, path])).rejects.toThrow()
    expect(await readdir(path)).toEqual(['owner.json'])
    await (await Lock.acquire(path)).release()
  })

  it.runIf(process.platform === 'linux')(
    'is taken over when its owner’s process id belongs to a younger process',
    async () => {
      await mkdir(path, { recursive: true })
      await writeFile(
        join(path, 'owner.json'),
        JSON.stringify({ pid: process.pid, started: '1', host: hostname(), token: 'x' }),
      )
      await (await Lock.acquire(path)).release()
    },
  )

  it('is given up when the owner exits without releasing it', async () => {
    const leave = `const { Lock } = await import(process.argv[1]); await Lock.acquire(process.argv[2]); process.exit(0)`
    await run(process.execPath, ['--input-type=module', '-e', leave, module, path])
    expect(await readdir(join(folder, 'locks'))).toEqual([])
  })

  it('gives the lock up when the task fails, and twice released is harmless', async () => {
    await expect(
      withLock(
        path,
        () => {},
        () => Promise.reject(new Error('broken')),
      ),
    ).rejects.toThrow('broken')
    const lock = await Lock.acquire(path)
    await lock.release()
    await lock.release()
    expect(await readdir(join(folder, 'locks'))).toEqual([])
  })
})
