/** In charge of what a page itself can tell about a visit: its connections' routes, and its picture from frame to frame. */
import { type AnyPage, callSource, evaluate, pictureElement } from './page.ts'

/** How one peer connection of the page reaches the other side now. */
export interface Route {
  /** Between the page's end and its peer, or its relay when the candidate is a relayed one. */
  protocol: string
  /** `host`, `srflx`, `prflx` or `relay`. */
  candidateType: string
  /** How a relayed candidate reaches the relay: `udp`, `tcp` or `tls`; null for others. */
  relayProtocol: string | null
  remotePort: number
}

/** What the eye saw since `witnessPicture`, looked at before each repaint. */
export interface PictureRecord {
  /** Repaints looked at, and how many of them showed black or nothing where there had been a picture. */
  looks: number
  black: number
  /** Longest time for which the picture stood still, in milliseconds, the time since it last changed included. */
  longestStandstill: number
  /** Each transport that had the picture, in order. */
  transports: string[]
  /** When the first and the last change of the picture were seen, in milliseconds since the page was opened. */
  firstChange: number | null
  lastChange: number | null
}

/** What the scripts leave in the page. */
interface Witness {
  connections: RTCPeerConnection[]
  picture?: PictureRecord
}
declare const witness: Witness

/**
 * An init script for pages whose routes or picture will be asked for. What the content security policy refuses is told
 * as an uncaught error, so that it is among the browser's problems in every browser.
 */
export function witnessScript(): string {
  return callSource(installWitness)
}

/** The routes of all connections of the page that are connected now. Needs the witness script. */
export async function routes(page: AnyPage): Promise<Route[]> {
  return evaluate<Route[]>(page, callSource(readRoutes))
}

/** Begins to record what the player shows. Needs the witness script. */
export async function witnessPicture(page: AnyPage): Promise<void> {
  await evaluate(page, callSource(recordPicture, `() => ${pictureElement}`))
}

/** What was recorded so far. */
export async function pictureRecord(page: AnyPage): Promise<PictureRecord> {
  return evaluate<PictureRecord>(page, 'witness.picture')
}

/** Runs in the page; refers to nothing outside itself. */
function installWitness(): void {
  const connections: RTCPeerConnection[] = []
  Object.assign(globalThis, { witness: { connections } })
  addEventListener('securitypolicyviolation', (event) => {
    reportError(new Error(`securitypolicyviolation: ${event.violatedDirective} refuses ${event.blockedURI}`))
  })
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      connections.push(this)
    }
  }
}

/** Runs in the page; refers to nothing outside itself but the witness. */
async function readRoutes(): Promise<Route[]> {
  const found: Route[] = []
  for (const connection of witness.connections) {
    if (connection.connectionState !== 'connected') continue
    const entries = [...(await connection.getStats()).values()]
    const selected = entries.find((entry) => entry.type === 'transport')?.selectedCandidatePairId
    // Firefox has no transport entry and marks the pair instead.
    const pair = entries.find((entry) => (selected ? entry.id === selected : entry.selected === true))
    const local = entries.find((entry) => entry.id === pair?.localCandidateId)
    const remote = entries.find((entry) => entry.id === pair?.remoteCandidateId)
    found.push({
      protocol: local?.protocol ?? '',
      candidateType: local?.candidateType ?? '',
      relayProtocol: local?.relayProtocol ?? null,
      remotePort: remote?.port ?? 0,
    })
  }
  return found
}

/** Runs in the page; refers to nothing outside itself but the witness. */
function recordPicture(find: () => HTMLVideoElement | null): void {
  const canvas = new OffscreenCanvas(32, 18)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('no 2d canvas')
  const record: PictureRecord = {
    looks: 0,
    black: 0,
    longestStandstill: 0,
    transports: [],
    firstChange: null,
    lastChange: null,
  }
  witness.picture = record
  let before = ''
  const look = () => {
    requestAnimationFrame(look)
    const video = find()
    // While an element begins anew, the player shows a still of it.
    const still = document.querySelector('nearcast-player')?.shadowRoot?.querySelector('canvas') ?? null
    const seen = still ?? (video?.videoWidth ? video : null)
    const hasFrame = seen !== null
    if (hasFrame) context.drawImage(seen, 0, 0, canvas.width, canvas.height)
    const pixels = hasFrame ? context.getImageData(0, 0, canvas.width, canvas.height).data : []
    // The clock picture always holds white cells: a frame without any bright pixel is black.
    const isBlack = !pixels.some((value, index) => index % 4 !== 3 && value > 100)
    if (isBlack && record.lastChange === null) return
    record.looks++
    const now = performance.now()
    if (isBlack) record.black++
    const picture = pixels.join()
    record.longestStandstill = Math.max(record.longestStandstill, now - (record.lastChange ?? now))
    if (!isBlack && picture !== before) {
      record.firstChange ??= now
      record.lastChange = now
      before = picture
    }
    const transport = document.querySelector('nearcast-player')?.getAttribute('transport')
    if (transport && record.transports.at(-1) !== transport) record.transports.push(transport)
  }
  requestAnimationFrame(look)
}
