/** Entry of the studio page: `/studio/:id#key=…`. */
import { render, type VNode } from 'preact'
import '../ui/base.css'
import './studio.css'
import * as v from 'valibot'
import { publishKeySchema } from '../../shared/ids.ts'
import { pageLanguage } from '../i18n/PageLanguage.ts'
import { WakeLock } from '../player/WakeLock.ts'
import { keptKey } from './keptKey.ts'
import { Refusal } from './Refusal.tsx'
import { StudioPage } from './StudioPage.tsx'
import { StudioSession } from './StudioSession.ts'
import { loadWords } from './words.ts'

const root = document.getElementById('app')
const broadcastId = location.pathname.split('/').at(-1) ?? ''
const publishKey = keptKey(broadcastId)
function isOnAir({ view: { state } }: StudioSession): boolean {
  return state === 'live' || state === 'reconnecting'
}

/** Now, and again whenever the page speaks another language. */
function show(page: () => VNode, into: HTMLElement): void {
  const draw = () => render(page(), into)
  pageLanguage.on('change', draw)
  draw()
}

if (root) {
  pageLanguage.declare()
  await loadWords()
  if (!v.is(publishKeySchema, publishKey)) {
    show(() => <Refusal reason={publishKey === null ? 'no-key' : 'wrong-key'} />, root)
  } else {
    const relayOnly = new URLSearchParams(location.search).get('ice') === 'relay'
    const session = new StudioSession({ url: location.origin, broadcastId, publishKey, relayOnly })
    show(() => <StudioPage session={session} />, root)
    void session.open()
    // A phone that goes to sleep takes the camera along.
    const wakeLock = new WakeLock(navigator.wakeLock)
    session.on('change', () => {
      wakeLock.isWanted = isOnAir(session)
    })
    // The server hears at once that nothing more will come, instead of waiting for silence.
    addEventListener('pagehide', () => session.close())
    addEventListener('beforeunload', (event) => {
      if (isOnAir(session)) event.preventDefault()
    })
    // A page taken back from the browser's cache has closed everything: it starts anew.
    addEventListener('pageshow', (event) => {
      if (event.persisted) location.reload()
    })
  }
}
