/** In charge of where what is remembered of networks is kept: in the browser, one memory a server. */
import { recall, remember } from '../lib/storage.ts'
import { findingsOf, noted } from './networkMemory.ts'
import type { Findings } from './policyState.ts'

export class KnownNetworks {
  readonly #name: string

  /** @param origin of the server */
  constructor(origin: string) {
    this.#name = `nearcast-networks ${origin}`
  }

  /** What the network of this kind let through lately; `now` in milliseconds since the Unix epoch. */
  findings(kind: string, now: number): Findings {
    return findingsOf(recall('browser', this.#name), kind, now)
  }

  note(kind: string, findings: Findings, now: number): void {
    remember('browser', this.#name, noted(recall('browser', this.#name), kind, findings, now))
  }
}
