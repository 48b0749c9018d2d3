/** The absolute URLs of a broadcast, and of what is left of it. */
import type { BroadcastUrls, RecordingFacts } from '../../shared/broadcast.ts'
import type { RecordingRecord } from '../store/recordingRecord.ts'

/** `origin` is what links begin with, without a slash at its end, such as `https://live.example.org`. */
export function broadcastUrls(origin: string, id: string): BroadcastUrls {
  return {
    watch: `${origin}/watch/${id}`,
    studio: `${origin}/studio/${id}`,
    embed: `${origin}/embed/${id}`,
    hls: `${origin}/hls/${id}/index.m3u8`,
    window: `${origin}/hls/${id}/window.m3u8`,
    poster: `${origin}/hls/${id}/poster.jpg`,
    dash: `${origin}/dash/${id}/manifest.mpd`,
    mse: `${origin.replace(/^http/, 'ws')}/mse/${id}`,
    whip: `${origin}/whip/${id}`,
    whep: `${origin}/whep/${id}`,
  }
}

export function recordingFacts(origin: string, recording: RecordingRecord): RecordingFacts {
  const { id, endedAt, duration, bytes, stopped } = recording
  const download = `${origin}/api/broadcasts/${id}/recording.mp4`
  return { endedAt: new Date(endedAt).toISOString(), duration: duration / 1000, bytes, stopped, download }
}
