/**
 * Takes pictures of every page in every state: `npm run screenshots -- FOLDER [PATTERN]`.
 * They are for looking at, not for comparing. The pattern chooses states by their names.
 */
import type { Page } from 'playwright-core'
import { createBroadcast, waitForPlayer, waitForStudio, watch } from '../helpers/broadcast.ts'
import { launchChromium } from '../helpers/browsers.ts'
import { startServer } from '../helpers/server.ts'
import { Album } from './Album.ts'
import { scenicCameraScript } from './scenicCamera.ts'

const [folder, pattern = ''] = process.argv.slice(2)
if (folder === undefined) throw new Error('Name the folder that the pictures go to.')
const album = await Album.create(folder, new RegExp(pattern))

/** A name that is no secure context, unlike localhost. */
const insecureHost = 'nearcast.test'

/** Keeps the page from ever reaching the server's signaling. */
const noSignaling = 'globalThis.WebSocket = class extends EventTarget { close() {} send() {} }'

await using server = await startServer({ workers: 1 })
await using browser = await launchChromium({ args: [`--host-resolver-rules=MAP ${insecureHost} 127.0.0.1`] })

const studioPage = async ({ id, publishKey }: { id: string; publishKey: string }): Promise<Page> => {
  const page = await browser.newPage([scenicCameraScript])
  await page.goto(`${server.url}/studio/${id}#key=${publishKey}`)
  await waitForStudio(page, 'preview')
  return page
}

const open = async (path: string, scripts: string[] = [], host = server.url): Promise<Page> => {
  const page = await browser.newPage(scripts)
  await page.goto(host + path)
  return page
}

/** Writes into the page's chat, under a name where it asks for one. */
async function say(page: Page, name: string, text: string): Promise<void> {
  const asked = page.locator('.chat-name-field')
  if (await asked.isVisible()) await asked.fill(name)
  await page.locator('.chat-text-field').fill(text)
  await page.locator('.chat-text-field').press('Enter')
}

/** Nobody is live. */
async function takeQuiet(): Promise<void> {
  const idle = await createBroadcast(server.url, { title: '' })
  const home = await open('/')
  await home.locator('#live-heading').waitFor()
  await album.take('home-empty', home)
  const unknown = await open('/watch/AAAAAAAAAAAAAAAA')
  await unknown.locator('#unknown').waitFor()
  await album.take('watch-unknown', unknown)
  const waiting = await watch(browser, server.url, idle.id)
  await waitForPlayer(waiting, { state: 'offline' })
  await album.take('watch-waiting', waiting)
  const loading = await watch(browser, server.url, idle.id, '', [noSignaling])
  await waitForPlayer(loading, { state: 'loading' })
  await album.take('watch-loading', loading)
  const embed = await open(`/embed/${idle.id}`)
  await waitForPlayer(embed, { state: 'offline' })
  await album.take('embed-waiting', embed)
  const noKey = await open(`/studio/${idle.id}`)
  await noKey.locator('#refusal').waitFor()
  await album.take('studio-no-key', noKey)
  const path = `/studio/${idle.id}#key=${idle.publishKey}`
  const insecure = await open(path, [], server.url.replace('localhost', insecureHost))
  await insecure.locator('.notice').first().waitFor()
  await album.take('studio-insecure', insecure)
  for (const page of [home, unknown, waiting, loading, embed, noKey, insecure]) await page.close()
  // Devices, but nobody who allows their use.
  await using strict = await launchChromium({ fakeMedia: false, args: ['--use-fake-device-for-media-stream'] })
  const denied = await strict.newPage()
  await denied.goto(server.url + path)
  await denied.locator('.notice').first().waitFor()
  await album.take('studio-denied', denied)
}

/** One broadcast from its preview to its recording. */
async function takeBroadcast(): Promise<void> {
  const created = await createBroadcast(server.url, {
    title: 'Sunset over the hills',
    visibility: 'public',
    record: true,
  })
  const studio = await studioPage(created)
  await album.take('studio-preview', studio)
  await studio.click('#go-live')
  await waitForStudio(studio, 'live')
  const viewer = await watch(browser, server.url, created.id)
  await waitForPlayer(viewer, { state: 'playing', transport: 'webrtc' })
  await album.take('studio-live', studio)
  await studio.locator('#doctor').evaluate((details) => details.setAttribute('open', ''))
  await studio.locator('#sent-sound').waitFor()
  await studio.locator('#findings > *').first().waitFor()
  await album.take('studio-doctor', studio)
  await studio.locator('#doctor').evaluate((details) => details.removeAttribute('open'))
  await say(viewer, 'Mina', 'The light there is wonderful. Where is this?')
  await say(studio, 'Nearcast', 'On the east coast, an hour before sunset.')
  await viewer.locator('#chat').getByText('an hour before sunset').waitFor()
  await album.take('watch-live', viewer)
  await album.take('studio-chat', studio)
  const settings = viewer.locator('nearcast-player [part=menu]')
  await album.take('watch-settings', viewer, {
    open: async () => {
      // The bar hides while nobody moves, and a busy machine takes long over a picture.
      await viewer.mouse.move(0, 0)
      await viewer.locator('nearcast-player').hover()
      await viewer.locator('nearcast-player [part=settings]').click()
      await settings.locator('input').first().waitFor()
    },
    close: async () => {
      await viewer.keyboard.press('Escape')
      await settings.waitFor({ state: 'hidden' })
    },
  })
  await viewer.locator('nearcast-player').press('i')
  await viewer.locator('nearcast-player [part=statistics]').waitFor()
  await album.take('watch-statistics', viewer)
  await viewer.locator('nearcast-player').press('i')
  await viewer.locator('nearcast-player').hover()
  await viewer.locator('nearcast-player [part=back]').click()
  await viewer.locator('nearcast-player [part=seek]').waitFor()
  await waitForPlayer(viewer, { state: 'playing' })
  await album.take('watch-back', viewer)
  await viewer.close()
  const embed = await open(`/embed/${created.id}`)
  await waitForPlayer(embed, { state: 'playing' })
  await album.take('embed-live', embed)
  await embed.close()
  const home = await open('/')
  await home.locator('.live-picture img').waitFor()
  await album.take('home-live', home)
  await home.close()
  const second = await watch(browser, server.url, created.id)
  await waitForPlayer(second, { state: 'playing', transport: 'webrtc' })
  await studio.click('#camera-off')
  await studio.click('#mute')
  await second.locator('nearcast-player [part=card]').waitFor()
  await album.take('watch-camera-off', second)
  await album.take('studio-switched-off', studio)
  await studio.close()
  await waitForPlayer(second, { state: 'stalled' })
  await album.take('watch-interrupted', second)
  const again = await browser.newPage([scenicCameraScript])
  await again.goto(`${server.url}/studio/${created.id}#key=${created.publishKey}`)
  await waitForStudio(again, 'live')
  await again.click('#end-broadcast')
  await waitForStudio(again, 'ended')
  await again.locator('#download-recording').waitFor()
  await album.take('studio-ended', again)
  await waitForPlayer(second, { state: 'ended' })
  await album.take('watch-ended', second)
  const recording = await watch(browser, server.url, created.id)
  await waitForPlayer(recording, { state: 'playing' })
  await album.take('watch-recording', recording)
  for (const page of [second, again, recording]) await page.close()
}

/** The server goes away. */
async function takeLost(): Promise<void> {
  const created = await createBroadcast(server.url, { title: 'A walk by the river' })
  const studio = await studioPage(created)
  await studio.click('#go-live')
  await waitForStudio(studio, 'live')
  const viewer = await watch(browser, server.url, created.id)
  await waitForPlayer(viewer, { state: 'playing', transport: 'webrtc' })
  await server.kill()
  await waitForStudio(studio, 'reconnecting')
  await album.take('studio-reconnecting', studio)
  await waitForPlayer(viewer, { state: 'stalled' })
  await album.take('watch-lost', viewer)
}

const stories = [
  {
    take: takeQuiet,
    states: [
      'home-empty',
      'watch-unknown',
      'watch-waiting',
      'watch-loading',
      'embed-waiting',
      'studio-no-key',
      'studio-insecure',
      'studio-denied',
    ],
  },
  {
    take: takeBroadcast,
    states: [
      'studio-preview',
      'studio-live',
      'studio-doctor',
      'studio-chat',
      'watch-live',
      'watch-settings',
      'watch-statistics',
      'watch-back',
      'embed-live',
      'home-live',
      'watch-camera-off',
      'studio-switched-off',
      'watch-interrupted',
      'studio-ended',
      'watch-ended',
      'watch-recording',
    ],
  },
  { take: takeLost, states: ['studio-reconnecting', 'watch-lost'] },
]
for (const { take, states } of stories) if (states.some((state) => album.wants(state))) await take()
process.stdout.write(`${album.taken.length} pictures in ${folder}\n`)
