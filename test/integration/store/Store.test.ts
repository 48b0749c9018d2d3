import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Store } from '../../../server/store/Store.ts'
import { TestProcess } from '../../helpers/childProcess.ts'

/** Writes without end and says after each write which number is kept. */
const writer = `
  const { Store } = await import(process.env.STORE_MODULE)
  const store = Store.open(process.env.STORE_DIR)
  const keyHash = new Uint8Array(32)
  store.insert({ id: 'one', title: '', visibility: 'public', record: false, keyHash, state: 'live', createdAt: 1,
    startedAt: 1, endedAt: null, mediaSequence: 0, discontinuitySequence: 0 })
  for (let number = 1; ; number++) {
    store.saveSequences('one', number, number)
    process.stdout.write('kept ' + number + '\\n')
    if (number % 100 === 0) await new Promise((next) => setImmediate(next))
  }
`

it('A store whose process was killed while it wrote opens again and has every number that was said to be kept', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'store-'))
  try {
    const child = await TestProcess.create(process.execPath, ['--input-type=module', '-e', writer], {
      ...process.env,
      STORE_MODULE: new URL('../../../server/store/Store.ts', import.meta.url).href,
      STORE_DIR: directory,
    })
    await child.find('500 writes', (line) => line === 'kept 500' || undefined)
    expect((await child.close('SIGKILL')).signal).toBe('SIGKILL')
    const said = Number(
      child.lines
        .filter((line) => /^kept \d+$/.test(line))
        .at(-1)
        ?.split(' ')[1],
    )

    const store = Store.open(directory)
    const found = store.find('one')
    store.close()
    expect(found?.mediaSequence).toBeGreaterThanOrEqual(Math.max(500, said - 1))
    expect(found?.discontinuitySequence).toBe(found?.mediaSequence)
  } finally {
    rmSync(directory, { recursive: true })
  }
})
