/** Groups a rendition's samples into parts of the broadcast's part target. */
import { SAME_FRAME } from './boundary.ts'
import { type Sample, writeEmptyPart, writePart } from './partWriter.ts'
import { rescale, TIMELINE_RATE } from './Timeline.ts'

export interface Part {
  /** One `moof` and one `mdat`. */
  readonly bytes: Buffer
  /** Seconds. */
  readonly duration: number
  /** Begins with an IDR (or is audio). */
  readonly independent: boolean
  /** 0 for an empty part: its time belongs to the picture before it. */
  readonly frames: number
}

/** All parts but the last of a segment last at least this share of the target: 8216bis, 4.4.3.8. */
const SHORTEST = 0.85

/**
 * Samples in, parts out, whose times follow each other without a hole. A part is done when a frame comes that does not fit,
 * so the newest frame is always open: how long it stays is known only by what follows. Frames rarer than parts can't fill
 * them: such a frame stays until the next one comes, its part ends at the target all the same, and empty parts carry the
 * time on.
 */
export class PartBuilder {
  readonly #timescale: number
  readonly #target: number
  /** A boundary may come before the time that idleTo was told by what renditions differ in rounding. */
  readonly #moment: number
  #samples: Sample[] = []
  #sequence = 0
  /** Where the part under way begins; a frame of an earlier part may reach beyond it. */
  #start = 0
  /** Where the next sample begins. */
  #position = 0
  /** Empty parts were cut, so no frame is open that could stay until the next one. */
  #idle = false

  /** @param target seconds */
  constructor(timescale: number, target: number) {
    this.#timescale = timescale
    // 0.35 s are 31,500 ticks and not, as binary fractions say, a little less.
    this.#target = Math.floor(target * timescale + 1e-6)
    this.#moment = rescale(SAME_FRAME, TIMELINE_RATE, timescale)
  }

  /** How long a part is to be, in ticks of its timescale. */
  get target(): number {
    return this.#target
  }

  /** End of the newest sample, or of the newest part if that is later. */
  get position(): number {
    return Math.max(this.#position, this.#start)
  }

  /** Begins a segment. */
  begin(at: number): void {
    this.#samples = []
    this.#start = at
    this.#position = at
    this.#idle = false
  }

  /**
   * Takes the next frame and returns the parts that it completes. Where frames are missing before it, the last one stays;
   * where there is no room left for it, it lasts one tick.
   *
   * @param horizon no part ends beyond, since the segment may end there: what a longer frame fills is for `cutTo`
   */
  add(frame: Omit<Sample, 'time' | 'duration'>, start: number, end: number, horizon = end): Part[] {
    if (start > this.position) this.#stretch(start)
    const parts = this.cutTo(horizon)
    const time = this.#idle ? Math.max(this.position, start) : this.position
    const duration = Math.max(1, end - time)
    if (this.#isLongEnough && time - this.#start + duration > this.#target) parts.push(this.#cut(time))
    this.#samples.push({ ...frame, time, duration })
    this.#position = time + duration
    this.#idle = false
    parts.push(...this.cutTo(horizon))
    return parts
  }

  /** Completes the parts that frames fill before a horizon. */
  cutTo(horizon: number): Part[] {
    return this.#cutBefore(Math.min(this.#position, horizon))
  }

  /**
   * No frame begins before a time: completes the parts that surely end before it. The last frame says that it stays for one
   * part more: a player does not stop at a hole when the next one is late, and what comes earlier takes its place. The
   * segment never ends with such a frame: what is left of it is at least a moment, so that it ends with an empty part.
   */
  idleTo(time: number): Part[] {
    const surely = time - this.#moment
    if (surely - this.#start <= this.#target) return []
    const last = this.#samples.pop()
    if (last) this.#samples.push({ ...last, duration: Math.max(last.duration, time + this.#target - last.time) })
    this.#idle = true
    return this.#cutBefore(surely)
  }

  /** Forgets the newest frame, unless it is in a part already or a key frame: the picture before it stays instead. */
  takeBack(): void {
    const last = this.#samples.at(-1)
    if (!last || last.sync) return
    this.#samples.pop()
    if (this.#samples.length === 0) this.#idle = true
    else this.#stretch(this.#position)
  }

  /** Ends the segment: its last frame stays until then, or is cut there. */
  finish(end: number): Part[] {
    this.#stretch(end)
    const parts = this.#cutBefore(end)
    if (end > this.#start) parts.push(this.#cut(end))
    return parts
  }

  get #isLongEnough(): boolean {
    return this.#samples.length > 0 && this.#position - this.#start >= SHORTEST * this.#target
  }

  /** Makes the newest sample end at a time; without effect when it is in a part already. */
  #stretch(end: number): void {
    const last = this.#samples.pop()
    if (!last) return
    this.#samples.push({ ...last, duration: Math.max(1, end - last.time) })
    this.#position = Math.max(last.time + 1, end)
  }

  /** Cuts the parts that end before a time. */
  #cutBefore(time: number): Part[] {
    const parts: Part[] = []
    while (time - this.#start > this.#target) parts.push(this.#cut(this.#start + this.#target))
    return parts
  }

  #cut(end: number): Part {
    const sequence = ++this.#sequence
    const [first] = this.#samples
    const length = end - this.#start
    const part: Part = {
      bytes: first ? writePart(sequence, this.#samples) : writeEmptyPart(sequence, this.#start, length),
      duration: length / this.#timescale,
      independent: first?.sync ?? false,
      frames: this.#samples.length,
    }
    this.#samples = []
    this.#start = end
    return part
  }
}
