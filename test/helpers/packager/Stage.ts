/** A packager on a stage: a clock that a test moves, and streams that are played into it in the order of their arrival. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PackagerSink } from '../../../server/packager/Attempts.ts'
import { type NextSequence, Packager, type PackagerOptions } from '../../../server/packager/Packager.ts'
import type { Arrival } from './ffmpegMedia.ts'
import { ManualClock } from './ManualClock.ts'

/** One thing that happens on the stage. */
export interface Cue {
  readonly at: number
  readonly act: () => void
}

export class Stage {
  readonly clock = new ManualClock()
  readonly persisted: NextSequence[] = []
  readonly keyFrameRequests: number[] = []
  readonly faults: { rendition: string; error: Error }[] = []
  readonly packager: Packager

  constructor(options: Partial<PackagerOptions> = {}) {
    this.packager = Packager.create({
      runId: 'r1',
      startMediaSequence: 0,
      startDiscontinuitySequence: 0,
      partTarget: 0.35,
      segmentMinimum: 1.7,
      targetDuration: 3,
      windowSegments: 8,
      liveSince: null,
      clock: this.clock,
      log: { info() {}, warn() {} },
      persistSequence: (next) => this.persisted.push(next),
      ...options,
    })
    this.packager.on('keyFrameNeeded', () => this.keyFrameRequests.push(this.clock.now()))
    this.packager.on('fault', (fault) => this.faults.push(fault))
  }

  /** Plays arrivals into a sink that is opened with the first of them and closed after the last, or left open. */
  cues(arrivals: readonly Arrival[], open: () => PackagerSink, { close = false } = {}): Cue[] {
    let sink: PackagerSink | null = null
    const cues = arrivals.map(({ at, bytes }) => ({
      at,
      act: () => {
        sink ??= open()
        sink.write(bytes)
      },
    }))
    const end = arrivals.at(-1)?.at ?? 0
    return close ? [...cues, { at: end, act: () => sink?.close() }] : cues
  }

  video(
    layer: number,
    arrivals: readonly Arrival[],
    { cause, ...options }: { close?: boolean; cause?: 'start' | 'restart' } = {},
  ): Cue[] {
    return this.cues(arrivals, () => this.packager.openVideo(layer, cause), options)
  }

  audio({ aac, opus }: { aac: readonly Arrival[]; opus: readonly Arrival[] }, options?: { close?: boolean }): Cue[] {
    let sinks: { aac: PackagerSink; opus: PackagerSink } | null = null
    const both = () => {
      sinks ??= this.packager.openAudio()
      return sinks
    }
    return [...this.cues(opus, () => both().opus, options), ...this.cues(aac, () => both().aac, options)]
  }

  /** Plays cues in the order of their time. */
  play(...parts: readonly (readonly Cue[])[]): void {
    for (const cue of parts.flat().sort((a, b) => a.at - b.at)) {
      this.clock.advanceTo(cue.at)
      cue.act()
    }
  }

  /** A media playlist; empty while there is none. */
  text(rendition: string): string {
    return this.packager.playlist(rendition)?.text() ?? ''
  }

  /** Lines of a media playlist that begin with a tag. */
  lines(rendition: string, tag: string): string[] {
    return this.text(rendition)
      .split('\n')
      .filter((line) => line.startsWith(tag))
  }

  /** Listed file names in order: init segments and segments. */
  files(rendition: string): string[] {
    const playlist = this.text(rendition)
    return [...playlist.matchAll(/^(?:#EXT-X-MAP:URI="(.+)"|([^#\n].*))$/gm)].map((match) => match[1] ?? match[2] ?? '')
  }

  /** Bytes of listed files joined, gaps left out. */
  bytes(rendition: string, names = this.files(rendition)): Buffer {
    return Buffer.concat(
      names.flatMap((name) => {
        const found = this.packager.resource(rendition, name)
        return found === null || found === 'gone' ? [] : found
      }),
    )
  }

  /** Writes all playlists and files as a web server would show them; returns the multivariant playlist's path. */
  async publish(folder: string): Promise<string> {
    const index = this.packager.multivariantPlaylist() ?? ''
    await writeFile(join(folder, 'index.m3u8'), index)
    for (const { id } of this.packager.renditions()) {
      await mkdir(join(folder, id))
      await writeFile(join(folder, id, 'playlist.m3u8'), this.text(id))
      for (const name of this.files(id)) await writeFile(join(folder, id, name), this.bytes(id, [name]))
    }
    return join(folder, 'index.m3u8')
  }
}
