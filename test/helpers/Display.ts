/** In charge of a screen that nobody sees, for what a headless browser does not have: windows of its own. */
import { TestProcess } from './childProcess.ts'

/** An X server of a test's own (Xvfb), at the first number that is free. */
export class Display implements AsyncDisposable {
  /** As programs want it in DISPLAY. */
  readonly name: string
  readonly #server: TestProcess

  static async create(): Promise<Display> {
    const args = ['-displayfd', '1', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp', '-noreset']
    const server = await TestProcess.create('Xvfb', args, process.env)
    const number = await server.find('a display number', (line) => /^\d+$/.exec(line)?.[0])
    return new Display(`:${number}`, server)
  }

  private constructor(name: string, server: TestProcess) {
    this.name = name
    this.#server = server
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]()
  }
}
