/** In charge of which attempt each rendition takes bytes from: the newest; sinks of earlier ones take nothing. */
import { BoxError } from './boxReader.ts'
import type { SilenceWatch } from './SilenceWatch.ts'

/** Takes the bytes of one FFmpeg output; chunk boundaries mean nothing. Writing after `close` is ignored. */
export interface PackagerSink {
  /** @throws BoxError when the bytes can't be read: this attempt is over, and nothing else suffers */
  write(chunk: Buffer): void
  close(): void
}

/** What takes an attempt's bytes. */
interface Lane {
  readonly watch: SilenceWatch
  end(): void
}

/** What attempts tell their owner; declared by them. */
interface AttemptsOwner {
  /** Bytes were taken, or an attempt is over. `woken`: it was silent before. */
  moved(woken: boolean): void
  fault(rendition: string, error: BoxError): void
}

/** What is written to nobody. */
export const CLOSED_SINK: PackagerSink = { write() {}, close() {} }

export class Attempts {
  readonly #owner: AttemptsOwner
  readonly #current = new Map<string, symbol>()

  constructor(owner: AttemptsOwner) {
    this.#owner = owner
  }

  /** Makes the sinks of a new attempt, which takes the place of the rendition's last one. */
  begin(rendition: string, lane: Lane): (take: (chunk: Buffer) => void) => PackagerSink {
    const attempt = Symbol(rendition)
    this.#current.set(rendition, attempt)
    const isCurrent = () => this.#current.get(rendition) === attempt
    const close = () => {
      if (!isCurrent()) return
      this.#current.delete(rendition)
      lane.end()
      this.#owner.moved(false)
    }
    return (take) => ({
      close,
      write: (chunk) => {
        if (!isCurrent()) return
        const wasSilent = lane.watch.silent
        try {
          take(chunk)
        } catch (error) {
          if (!(error instanceof BoxError)) throw error
          close()
          this.#owner.fault(rendition, error)
          throw error
        }
        this.#owner.moved(wasSilent && !lane.watch.silent)
      },
    })
  }

  /** Sinks of all attempts take nothing from now on. */
  clear(): void {
    this.#current.clear()
  }
}
