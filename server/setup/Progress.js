/** In charge of what the terminal shows during set-up: a line per step with its time, and a sign of life meanwhile. */
import { stripVTControlCharacters } from 'node:util'

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
/** How often the indicator moves on a terminal, in milliseconds. */
const TICK_MS = 120
/** How often a long step says where it is when the output is no terminal, in milliseconds. */
const QUIET_TICK_MS = 10_000

/** Milliseconds as 'm:ss'. */
export function elapsed(ms) {
  const seconds = Math.floor(ms / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** Text of other programs without control characters, so that it cannot move our cursor. */
function plain(text) {
  return stripVTControlCharacters(text)
    .replace(/\p{Cc}/gu, ' ')
    .trim()
}

/** One step at a time: begin, any number of updates, then done or failed. */
export class Progress {
  #out
  #now
  #begun
  #title = ''
  #detail = ''
  #stepBegun = 0
  #timer
  #frame = 0

  /**
   * @param {{write(text: string): unknown, isTTY?: boolean, columns?: number}} out drawn on when it is a terminal
   * @param {() => number} now monotonic milliseconds
   */
  constructor(out = process.stdout, now = () => performance.now()) {
    this.#out = out
    this.#now = now
    this.#begun = now()
  }

  /** Milliseconds since this set-up began. */
  get total() {
    return this.#now() - this.#begun
  }

  begin(title, detail = '') {
    this.#title = title
    this.#detail = plain(detail)
    this.#stepBegun = this.#now()
    if (!this.#out.isTTY) this.#line('…', this.#detail ? `${title}: ${this.#detail}` : title)
    this.#timer = setInterval(() => this.#tick(), this.#out.isTTY ? TICK_MS : QUIET_TICK_MS)
    this.#timer.unref()
  }

  /** What the step is doing now; shown with the next tick. */
  update(detail) {
    this.#detail = plain(detail)
  }

  /** A line that stays, within a step or between two. */
  note(text) {
    this.#line('·', plain(text))
  }

  done(summary) {
    this.#end('✔', summary)
  }

  failed() {
    if (this.#timer) this.#end('✘', this.#title)
  }

  #end(sign, text) {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#line(sign, `${text} (${elapsed(this.#now() - this.#stepBegun)})`)
  }

  #line(sign, text) {
    this.#out.write(`${this.#out.isTTY ? '\r\x1b[K' : ''}${elapsed(this.total)} ${sign} ${text}\n`)
  }

  #tick() {
    const time = elapsed(this.#now() - this.#stepBegun)
    const text = `${this.#title}${this.#detail ? `: ${this.#detail}` : ''}`
    if (!this.#out.isTTY) return this.#line('…', `${text} (${time})`)
    this.#frame = (this.#frame + 1) % FRAMES.length
    const width = (this.#out.columns || 80) - 16
    this.#out.write(`\r\x1b[K${elapsed(this.total)} ${FRAMES[this.#frame]} ${text.slice(0, width)} (${time})`)
  }
}
