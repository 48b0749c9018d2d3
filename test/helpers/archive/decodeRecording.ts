/** In charge of decoding all that the playlists of a broadcast list: every rendition, one run of segments after the other. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fetchPlaylists, type ListedSegment } from '../mediaPlaylist.ts'

/** Segments that one init segment describes. */
interface Run {
  readonly map: string
  readonly names: string[]
}

/**
 * Resolves with what the decoder complains of, by rendition and init segment; empty when all is well. Each run is decoded
 * with its own init segment, as players do: FFmpeg's HLS reader keeps to the first one ("Found duplicated MOOV Atom.
 * Skipped it", libavformat/mov.c), so that an encoder made anew with other parameter sets would be garbage to it.
 */
export async function decodeRecording(url: string, id: string): Promise<string[]> {
  const playlists = await fetchPlaylists(url, id)
  if (typeof playlists === 'number') throw new Error(`the playlist was answered by ${playlists}`)
  const complaints: string[] = []
  for (const [rendition, { segments }] of playlists) {
    for (const { map, names } of runsOf(segments)) {
      const urls = [map, ...names].map((name) => `${url}/hls/${id}/${rendition}/${name}`)
      const said = await decode(urls)
      if (said !== '') complaints.push(`${rendition} from ${map}: ${said}`)
    }
  }
  return complaints
}

function runsOf(segments: readonly ListedSegment[]): Run[] {
  const runs: Run[] = []
  for (const { map, name, gap } of segments) {
    if (gap || map === null) continue
    const last = runs.at(-1)
    if (last?.map === map) last.names.push(name)
    else runs.push({ map, names: [name] })
  }
  return runs
}

/** Decodes files one after the other as one; resolves with the decoder's complaints. */
async function decode(urls: readonly string[]): Promise<string> {
  // Frames keep their own times: a camera's come a little early and late, and must not be put on a raster of 1/30 s.
  const asTheyAre = ['-vsync', 'passthrough', '-enc_time_base:v', '1:90000']
  const ffmpeg = spawn('ffmpeg', ['-v', 'error', '-f', 'mp4', '-i', 'pipe:0', ...asTheyAre, '-f', 'null', '-'])
  const exited = once(ffmpeg, 'exit')
  const said = text(ffmpeg.stderr)
  ffmpeg.stdin.on('error', () => {})
  for (const address of urls) {
    const answer = await fetch(address)
    if (answer.status !== 200) throw new Error(`${address} was answered by ${answer.status}`)
    ffmpeg.stdin.write(new Uint8Array(await answer.arrayBuffer()))
  }
  ffmpeg.stdin.end()
  await exited
  return (await said).trim()
}
