/** In charge of a network of a test's own, in which UDP, TCP or both to some ports can be blocked for real. Linux, root. */
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Disposer } from '../../server/lib/Disposer.ts'

const run = promisify(execFile)

/** What may be blocked. */
export type Protocol = 'udp' | 'tcp'

/**
 * A network namespace joined to the machine by a pair of virtual interfaces. What runs inside reaches the machine at
 * `hostAddress` and nobody else; a server must have been started after it, or listen on all addresses, to be reached.
 */
export class TestNetwork implements AsyncDisposable {
  /** The machine's address as seen from inside; a private one. */
  readonly hostAddress: string
  readonly #name: string
  readonly #disposer: Disposer
  #closing: Promise<void> | undefined

  static async create(): Promise<TestNetwork> {
    const disposer = new Disposer()
    try {
      const number = freeSubnet()
      const [name, host, inside] = [`nct${process.pid}x${number}`, `nct${number}h`, `nct${number}i`]
      const [hostAddress, insideAddress] = [`10.199.${number}.1`, `10.199.${number}.2`]
      await run('ip', ['netns', 'add', name])
      disposer.add(async () => void (await run('ip', ['netns', 'del', name])))
      await run('ip', ['link', 'add', host, 'type', 'veth', 'peer', 'name', inside, 'netns', name])
      // Deleting one end deletes both, and does not wait for the namespace to be torn down.
      disposer.add(async () => void (await run('ip', ['link', 'del', host])))
      await run('ip', ['address', 'add', `${hostAddress}/30`, 'dev', host])
      await run('ip', ['link', 'set', host, 'up'])
      for (const step of [`address add ${insideAddress}/30 dev ${inside}`, `link set ${inside} up`, 'link set lo up']) {
        await run('ip', ['-n', name, ...step.split(' ')])
      }
      return new TestNetwork(name, hostAddress, disposer)
    } catch (error) {
      await disposer.close()
      throw error
    }
  }

  private constructor(name: string, hostAddress: string, disposer: Disposer) {
    this.#name = name
    this.hostAddress = hostAddress
    this.#disposer = disposer
  }

  /**
   * Path of a program that runs `program` inside: for Chromium's `executablePath`. Removed on close. Firefox is driven
   * over loopback TCP, which ends at the namespace's border.
   */
  async wrap(program: string): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'netns-'))
    this.#disposer.add(() => rm(directory, { recursive: true, force: true }))
    const file = join(directory, 'inside')
    await writeFile(file, `#!/bin/sh\nexec ip netns exec ${this.#name} ${program} "$@"\n`)
    await chmod(file, 0o755)
    return file
  }

  /** From now on packets of these protocols to and from these ports of the machine vanish, established flows included. */
  async block(protocols: Protocol[], ports: number[]): Promise<void> {
    for (const protocol of protocols) {
      for (const port of ports) {
        await this.#iptables('-A', 'OUTPUT', '-p', protocol, '--dport', `${port}`, '-j', 'DROP')
        await this.#iptables('-A', 'INPUT', '-p', protocol, '--sport', `${port}`, '-j', 'DROP')
      }
    }
  }

  /** Everything gets through again. */
  async unblock(): Promise<void> {
    await this.#iptables('-F')
  }

  /** Removes the network. What runs inside must have ended before, or it keeps the namespace alive. */
  close(): Promise<void> {
    this.#closing ??= this.#disposer.close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #iptables(...rule: string[]): Promise<void> {
    await run('ip', ['netns', 'exec', this.#name, 'iptables', '--wait', ...rule])
  }
}

/** A number whose 10.199.n.0/30 no interface uses. */
function freeSubnet(): number {
  const used = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((each) => each.address))
  const start = process.pid % 250
  for (let step = 0; step < 250; step++) {
    const number = (start + step) % 250
    if (!used.some((address) => address.startsWith(`10.199.${number}.`))) return number
  }
  throw new Error('all test networks are in use')
}
