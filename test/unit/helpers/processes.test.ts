import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { TestProcess } from '../../helpers/childProcess.ts'
import { findFreePorts } from '../../helpers/freePorts.ts'
import { expectNothingLeft, snapshot } from '../../helpers/leaks.ts'
import { openPorts, ourProcesses } from '../../helpers/processes.ts'

describe('what a test left behind', () => {
  it('is named: a process, a port and a file, and nothing once they are gone', async () => {
    const before = snapshot()
    const child = await TestProcess.create('sleep', ['60'], process.env)
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const file = join(tmpdir(), 'left.txt')
    writeFileSync(file, '')

    const complaint = await expectNothingLeft(before, 100).then(String, String)
    expect(complaint).toContain(`process ${child.pid} sleep 60`)
    expect(complaint).toContain(`port udp 127.0.0.1:${socket.address().port}`)
    expect(complaint).toContain(`file ${file}`)

    socket.close()
    await Promise.all([child.close(), rm(file)])
    await expectNothingLeft(before)
    expect(existsSync(dirname(file))).toBe(false)
    expect(existsSync(tmpdir())).toBe(true)
  })

  it('includes a process whose parent has died', async () => {
    const before = snapshot()
    const parent = spawn('sh', ['-c', 'sleep 61 & echo $!'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [line] = await once(parent.stdout, 'data')
    const orphan = Number(String(line))
    if (parent.exitCode === null) await once(parent, 'exit')

    expect(ourProcesses().map((entry) => entry.pid)).toContain(orphan)
    process.kill(orphan)
    await expectNothingLeft(before)
  })
})

describe('the ports that a process holds', () => {
  it('are listed with protocol and address', async () => {
    const port = await findFreePorts(1)
    const script = `require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('up'))`
    await using child = await TestProcess.create(process.execPath, ['-e', script], process.env)
    await child.find('it is up', (line) => line === 'up' || undefined)

    expect(openPorts([child.pid])).toEqual([{ pid: child.pid, protocol: 'tcp', address: '127.0.0.1', port }])
  })
})

describe('a program of a test', () => {
  it('tells what it said when it ends before the awaited line', async () => {
    await using child = await TestProcess.create('sh', ['-c', 'echo early words; exit 3'], process.env)
    await expect(child.find('a line', (line) => (line === 'never' ? true : undefined))).rejects.toThrow(/early words/)
    expect(await child.exited).toEqual({ code: 3, signal: null })
  })

  it('is forced to end when it ignores the request', async () => {
    const script = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('deaf')`
    const child = await TestProcess.create(process.execPath, ['-e', script], process.env)
    await child.find('it is deaf', (line) => line === 'deaf' || undefined)
    expect(await child.close('SIGTERM', 50)).toEqual({ code: null, signal: 'SIGKILL' })
  })

  it('cannot be started when there is no such program', async () => {
    await expect(TestProcess.create('no-such-program', [], process.env)).rejects.toThrow(/ENOENT/)
  })
})
