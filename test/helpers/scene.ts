/** In charge of what a test tells when it waited in vain: what its pages showed and what its servers said. */
import { type AnyPage, evaluate } from './page.ts'

const witnesses = new Set<() => Promise<string> | string>()

/** Adds one who is asked when a test waits in vain. Returns the function that takes it away again. */
export function addWitness(tell: () => Promise<string> | string): () => void {
  witnesses.add(tell)
  return () => witnesses.delete(tell)
}

/** What all of them say now. One who says nothing within a second is told to be silent: a page may have crashed. */
export async function describeScene(): Promise<string> {
  const silence = () => new Promise<string>((done) => setTimeout(done, 1_000, 'says nothing'))
  const tell = async (witness: () => Promise<string> | string) => witness()
  const told = [...witnesses].map((witness) => Promise.race([tell(witness), silence()]).catch(() => 'cannot be asked'))
  return (await Promise.all(told)).map((text) => `\n  ${text}`).join('')
}

/** What a page shows: its address, the state of its root, its player, and every media element in it. */
export async function describePage(page: AnyPage): Promise<string> {
  return evaluate<string>(page, `(${describe.toString()})()`)
}

/** Runs in the page; refers to nothing outside itself. */
function describe(): string {
  type Player = HTMLElement & { readonly video: HTMLVideoElement | null; readonly transportHistory: readonly object[] }
  const player = document.querySelector<Player>('nearcast-player')
  const tellRanges = (ranges: TimeRanges) =>
    Array.from({ length: ranges.length }, (_, n) => `${ranges.start(n).toFixed(2)}-${ranges.end(n).toFixed(2)}`)
  const tellMedia = (media: HTMLMediaElement) => ({
    shown: media === player?.video,
    time: media.currentTime,
    ready: media.readyState,
    paused: media.paused,
    muted: media.muted,
    ended: media.ended,
    rate: media.playbackRate,
    height: (media as HTMLVideoElement).videoHeight,
    error: media.error?.message,
    buffered: tellRanges(media.buffered).join(' '),
    tracks: media.srcObject instanceof MediaStream ? media.srcObject.getTracks().map(({ kind }) => kind) : undefined,
  })
  const roots: ParentNode[] = player?.shadowRoot ? [document, player.shadowRoot] : [document]
  // What a page of a test noted itself, if it did.
  const { mediaEvents } = globalThis as { mediaEvents?: readonly string[] }
  const facts = {
    state: document.querySelector<HTMLElement>('[data-state]')?.dataset.state,
    player: player?.getAttribute('state'),
    transports: player?.transportHistory,
    media: roots.flatMap((root) => [...root.querySelectorAll<HTMLMediaElement>('video, audio')].map(tellMedia)),
    mediaEvents: mediaEvents?.slice(-30),
  }
  return `${location.pathname}${location.search}: ${JSON.stringify(facts)}`
}
