import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { contentHash, probeOnce, readMark, writeMark } from '../../../server/setup/marks.js'
import { sameTree } from '../../../server/setup/steps/packages.js'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'marks-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

describe('marks', () => {
  it('come back as they were written, and a broken one counts as missing', async () => {
    const path = join(folder, 'deep', 'mark.json')
    expect(await readMark(path)).toBeUndefined()
    await writeMark(path, { hash: 'a' })
    expect(await readMark(path)).toEqual({ hash: 'a' })
    await writeFile(path, '{"hash": ')
    expect(await readMark(path)).toBeUndefined()
  })

  it('let a program be asked again only when it was replaced or other questions are asked', async () => {
    const program = join(folder, 'program')
    const mark = join(folder, 'mark.json')
    let asked = 0
    const ask = (revision: string) => probeOnce(mark, program, revision, async () => ++asked)
    await writeFile(program, 'one')
    expect([await ask('a'), await ask('a')]).toEqual([1, 1])
    expect(await ask('b')).toBe(2)
    await writeFile(program, 'another')
    expect(await ask('b')).toBe(3)
  })

  it('are not made of an answer that failed', async () => {
    const mark = join(folder, 'mark.json')
    await expect(probeOnce(mark, folder, 'a', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await readMark(mark)).toBeUndefined()
  })

  it('hash names and contents of all files but those in folders left out', async () => {
    await mkdir(join(folder, 'client', 'dist'), { recursive: true })
    await writeFile(join(folder, 'client', 'a.ts'), 'one')
    const hash = () => contentHash([join(folder, 'client')], ['dist'])
    const before = await hash()
    await writeFile(join(folder, 'client', 'dist', 'built.js'), 'x')
    expect(await hash()).toBe(before)
    await writeFile(join(folder, 'client', 'a.ts'), 'two')
    expect(await hash()).not.toBe(before)
  })
})

describe('installed packages', () => {
  const one = { version: '1.0.0', integrity: 'x' }
  const part = (os: string, libc?: string) => ({
    ...one,
    optional: true,
    os: [os],
    cpu: ['x64'],
    ...(libc && { libc: [libc] }),
  })
  const lock = {
    packages: {
      '': {},
      'node_modules/a': one,
      'node_modules/glibc': part('linux', 'glibc'),
      'node_modules/musl': part('linux', 'musl'),
      'node_modules/mac': part('darwin'),
    },
  }
  const good = { 'node_modules/a': one, 'node_modules/glibc': part('linux', 'glibc') }

  it.each([
    ['are those of the lock file for this machine', good, true],
    ['may hold more that is optional', { ...good, 'node_modules/other': part('linux') }, true],
    ['are refused when one is missing', { 'node_modules/glibc': part('linux', 'glibc') }, false],
    ['are refused when an optional one for this machine is missing', { 'node_modules/a': one }, false],
    ['are refused in another version', { ...good, 'node_modules/a': { ...one, version: '1.0.1' } }, false],
    ['are refused with other contents', { ...good, 'node_modules/a': { ...one, integrity: 'y' } }, false],
    ['are refused with one that nobody asked for', { ...good, 'node_modules/b': one }, false],
  ])('%s', (_, packages, same) => {
    expect(sameTree(lock, { packages }, { os: 'linux', cpu: 'x64', libc: 'glibc' })).toBe(same)
  })
})
