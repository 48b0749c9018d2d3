/** In charge of a broadcast's media made by hand: two rungs and a sound, whose chunks a test sends when it likes. */
import type { MseChunk, MseFeed, MseTrack } from '../../server/delivery/MseFeed.ts'
import { TypedEmitter } from '../../server/lib/TypedEmitter.ts'
import { mseKinds } from '../../shared/mse.ts'

type Events = { layout: []; chunk: [MseTrack, MseChunk]; ended: [] }

/** A chunk of a track, with the two bytes before it. */
function fakeChunk(id: number, independent: boolean, body: Buffer = Buffer.from('media')): MseChunk {
  return { message: Buffer.concat([Buffer.of(id, independent ? mseKinds.idr : mseKinds.chunk), body]), independent }
}

/** A track whose backlog is one chunk that says so. */
export function fakeTrack(id: number, rendition: string): MseTrack {
  const kind = rendition === 'audio' ? 'audio' : 'video'
  return {
    id,
    rendition,
    kind,
    mime: kind === 'audio' ? 'audio/mp4; codecs="mp4a.40.2"' : 'video/mp4; codecs="avc1.42c01f"',
    init: Buffer.concat([Buffer.of(id, mseKinds.init), Buffer.from(`init ${rendition}`)]),
    since: 7,
    backlog: (from) =>
      fakeChunk(id, true, Buffer.from(`backlog ${rendition}${from === undefined ? '' : ` from ${from}`}`)),
  }
}

export class FakeMseFeed extends TypedEmitter<Events> implements MseFeed {
  timeOrigin: number | null = 1_700_000_000_000
  tracks: MseTrack[] = []
  ended = false

  show(...tracks: MseTrack[]): void {
    this.tracks = tracks
    this.emit('layout')
  }

  send(track: MseTrack, independent: boolean, body?: Buffer): void {
    this.emit('chunk', track, fakeChunk(track.id, independent, body))
  }

  end(): void {
    this.ended = true
    this.emit('ended')
  }
}
