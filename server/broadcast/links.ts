/** The absolute URLs of a broadcast. */
import type { BroadcastUrls } from '../../shared/broadcast.ts'

/** `origin` is what links begin with, without a slash at its end, such as `https://live.example.org`. */
export function broadcastUrls(origin: string, id: string): BroadcastUrls {
  return {
    watch: `${origin}/watch/${id}`,
    studio: `${origin}/studio/${id}`,
    embed: `${origin}/embed/${id}`,
    hls: `${origin}/hls/${id}/index.m3u8`,
    dash: `${origin}/dash/${id}/manifest.mpd`,
    mse: `${origin.replace(/^http/, 'ws')}/mse/${id}`,
    whip: `${origin}/whip/${id}`,
    whep: `${origin}/whep/${id}`,
  }
}
