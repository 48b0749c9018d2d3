/**
 * In charge of the video elements: one is seen and heard, others get ready underneath it, and they change places only
 * when the new one has a frame. What the person chose about sound holds for whichever is seen.
 */

import { type Clock, systemClock } from '../lib/clock.ts'
import { Emitter } from '../lib/Emitter.ts'
import { playAsAllowed } from './autoplay.ts'
import { crossfade } from './crossfade.ts'
import { onFirstFrame } from './firstFrame.ts'
import { followWindow, isInWindow } from './pictureInPicture.ts'
import { isStopped } from './stopped.ts'

export interface ShowOptions {
  /** What was seen before goes on unseen, instead of being taken away. */
  readonly keepsFormer?: boolean
  /** What was heard before plays on: its sound goes over into the next. */
  readonly fades?: boolean
  /** Nobody sees or hears any more what was seen before. */
  readonly onReplaced?: () => void
}

export type StageEvents = {
  /** What is seen, whether it plays, or how it sounds has changed. */
  change: []
}

export class Stage extends Emitter<StageEvents> {
  readonly root = document.createElement('div')
  readonly #videos = new Set<HTMLVideoElement>()
  /** Keep their last frame, whatever becomes of their source. */
  readonly #frozen = new WeakSet<HTMLVideoElement>()
  /** What is seen in place of elements that begin anew. */
  readonly #stills = new Map<HTMLVideoElement, HTMLCanvasElement>()
  #shown: HTMLVideoElement | null = null
  /** Ends the change of elements that is under way. */
  #finishChange: (() => void) | null = null
  readonly #clock: Clock = systemClock
  #isMuted = false
  #volume = 1
  /** The browser allows no sound before the person has touched the page. */
  #isSilenced = false
  /** The browser plays nothing at all before the person has touched the page. */
  #isBlocked = false

  static create({ muted }: { muted: boolean }): Stage {
    const stage = new Stage()
    stage.#isMuted = muted
    stage.root.className = 'stage'
    stage.root.setAttribute('part', 'stage')
    return stage
  }

  private constructor() {
    super()
  }

  /** The element that is seen now. */
  get shown(): HTMLVideoElement | null {
    return this.#shown
  }

  /** Whether the person wants no sound. */
  get isMuted(): boolean {
    return this.#isMuted
  }

  /** Whether sound is wanted but not allowed yet: offer a button. */
  get isSilenced(): boolean {
    return this.#isSilenced && !this.#isMuted
  }

  /** From 0 to 1. */
  get volume(): number {
    return this.#volume
  }

  /** Whether a press is needed to go on: the browser does not begin, or it or a media key stopped the picture. */
  get isPaused(): boolean {
    if (this.#isBlocked) return true
    const video = this.#shown
    // Frozen or begun anew by us, not stopped by anybody.
    if (video === null || this.#frozen.has(video) || this.#stills.has(video)) return false
    return isStopped(video)
  }

  /**
   * A new element under the one that is seen. It plays as soon as it is given something, unheard until it is shown;
   * before the first frame of all only the first element is heard: that is how the browser is asked for sound.
   */
  prepare(): HTMLVideoElement {
    const video = document.createElement('video')
    video.playsInline = true
    video.disableRemotePlayback = true
    video.volume = this.#volume
    video.setAttribute('part', 'video')
    video.addEventListener('pause', this.#onPlayOrPause)
    video.addEventListener('play', this.#onPlayOrPause)
    // hls.js begins anew by itself after some of them, without a fatal error of its own.
    video.addEventListener('error', () => this.hold(video))
    this.#videos.add(video)
    video.muted = !this.#wantsSound || video !== this.#foremost
    this.root.prepend(video)
    // `loadstart` comes when a source is set, so that play() is not lost to the change of source.
    video.addEventListener('loadstart', () => void this.#play(video))
    return video
  }

  /** Puts it on top, to be heard. */
  show(video: HTMLVideoElement, { keepsFormer = false, fades = false, onReplaced }: ShowOptions = {}): void {
    const former = this.#shown
    if (former === video || !this.#videos.has(video)) return
    this.#finishChange?.()
    this.#shown = video
    video.classList.add('shown')
    if (former) {
      former.classList.remove('shown')
      this.#release(former)
      this.#replace(former, video, { fades, keepsFormer, ...(onReplaced && { onReplaced }) })
    }
    for (const other of this.#videos) if (other !== video && !(fades && other === former)) other.muted = true
    void this.#play(video)
    this.emit('change')
  }

  /**
   * Keeps the frame that an element has, before its source ends: Chromium turns the picture black when a received track
   * ends, unless it is paused.
   */
  freeze(video: HTMLVideoElement): void {
    this.#frozen.add(video)
    video.pause()
  }

  /** Keeps the frame that is seen, while its element begins anew, until it has one again. */
  hold(video: HTMLVideoElement): void {
    if (video !== this.#shown || video.videoWidth === 0 || this.#stills.has(video)) return
    const still = document.createElement('canvas')
    still.width = video.videoWidth
    still.height = video.videoHeight
    still.getContext('2d')?.drawImage(video, 0, 0)
    this.#stills.set(video, still)
    video.after(still)
    // Frames that come before `emptied` are still those of the former source.
    const wait = (): unknown => onFirstFrame(video, () => this.#release(video))
    video.addEventListener('emptied', wait, { once: true })
  }

  /** Takes an element away. */
  discard(video: HTMLVideoElement): void {
    if (!this.#videos.delete(video)) return
    if (this.#shown === video) this.#shown = null
    this.#release(video)
    video.removeEventListener('pause', this.#onPlayOrPause)
    video.removeEventListener('play', this.#onPlayOrPause)
    video.remove()
    video.srcObject = null
    video.removeAttribute('src')
    video.load()
  }

  setMuted(muted: boolean): void {
    this.#isMuted = muted
    // Whoever asks for sound does so by a click or a key, and that is what the browser was waiting for.
    if (!muted) this.#isSilenced = false
    if (this.#foremost) void this.#play(this.#foremost)
    this.emit('change')
  }

  setVolume(volume: number): void {
    this.#volume = Math.min(1, Math.max(0, volume))
    for (const video of this.#videos) video.volume = this.#volume
    this.emit('change')
  }

  /** Begins or goes on, because the person pressed play. */
  resume(): void {
    this.#isBlocked = false
    for (const video of this.#videos) void this.#play(video)
  }

  /** Takes all elements away. */
  clear(): void {
    this.#finishChange?.()
    for (const video of [...this.#videos]) this.discard(video)
    this.emit('change')
  }

  close(): void {
    this.removeAllListeners()
    this.clear()
    this.root.remove()
  }

  get #wantsSound(): boolean {
    return !this.#isMuted && !this.#isSilenced
  }

  /** The only one that may be heard: two players at once would be an echo. */
  get #foremost(): HTMLVideoElement | undefined {
    return this.#shown ?? this.#videos.values().next().value
  }

  readonly #onPlayOrPause = (): void => this.emit('change')

  #replace(former: HTMLVideoElement, next: HTMLVideoElement, { fades, keepsFormer, onReplaced }: ShowOptions): void {
    const finish = (): void => {
      if (this.#finishChange !== finish) return
      this.#finishChange = null
      cancel?.()
      former.muted = true
      former.volume = this.#volume
      if (!keepsFormer) this.discard(former)
      onReplaced?.()
    }
    this.#finishChange = finish
    const cancel = fades && this.#wantsSound ? crossfade(former, next, this.#volume, this.#clock, finish) : null
    if (isInWindow(former)) void followWindow(former, next).then(finish)
    else if (!cancel) finish()
  }

  #release(video: HTMLVideoElement): void {
    this.#stills.get(video)?.remove()
    this.#stills.delete(video)
  }

  async #play(video: HTMLVideoElement): Promise<void> {
    if (this.#frozen.has(video)) return
    const heard = this.#wantsSound && video === this.#foremost
    const outcome = await playAsAllowed(video, heard)
    if (!this.#videos.has(video) || (outcome !== 'silenced' && outcome !== 'blocked')) return
    this.#isSilenced ||= outcome === 'silenced'
    this.#isBlocked ||= outcome === 'blocked'
    this.emit('change')
  }
}
