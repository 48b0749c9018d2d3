/** In charge of the real browsers of a test: Debian's Chromium by Playwright, Debian's Firefox by Puppeteer. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, type Browser as Chromium, type Page as ChromiumPage, chromium } from 'playwright-core'
import { type Browser as Firefox, type Page as FirefoxPage, launch } from 'puppeteer-core'
import { addWitness, describePage } from './scene.ts'

/** The programs; tests on other systems name their own. */
export const chromiumPath = process.env.NEARCAST_TEST_CHROMIUM ?? '/usr/bin/chromium'
const firefoxPath = process.env.NEARCAST_TEST_FIREFOX ?? '/usr/bin/firefox-esr'

const commonFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
]
/** Headless Chromium allows all sound unless it is told to be as strict as others are. */
const autoplayFlag = (allowed: boolean) =>
  `--autoplay-policy=${allowed ? 'no-user-gesture-required' : 'document-user-activation-required'}`
const fakeMediaFlags = ['--use-fake-device-for-media-stream=fps=30', '--use-fake-ui-for-media-stream']

/** Lets one Chromium send no UDP at all, so that ICE is left with TCP; a real block that needs no rights. */
export const noUdpFlag = '--webrtc-ip-handling-policy=disable_non_proxied_udp'

/**
 * Headless Chromium calls itself HeadlessChrome, which no real one does. mediasoup-client would not know it on pages
 * that are no secure context: there is no `navigator.userAgentData` then, and the name is all it has.
 */
const ordinaryName = `{
  const name = navigator.userAgent.replace('HeadlessChrome/', 'Chrome/')
  Object.defineProperty(Navigator.prototype, 'userAgent', { get: () => name })
}`

const firefoxPreferences = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
  'media.peerconnection.ice.loopback': true,
  'app.update.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
}

/** How a browser is started. */
export interface LaunchOptions {
  args?: string[]
  /** Fake camera and microphone, and permission to use them; true by default. Without it permission is refused. */
  fakeMedia?: boolean
  /** Whether sound may begin by itself, in Chromium; true by default. Without it the browser waits for a press. */
  autoplay?: boolean
  /** Where its windows are to be, for Chromium (DISPLAY); none by default, and so no windows. */
  display?: string
  /** Another program to start: one that enters a network namespace first, for Chromium, which is driven by pipes. */
  executablePath?: string
}

/** A browser of a test. Everything it opened, its profile on disk included, is gone once `close()` has resolved. */
export interface TestBrowser<Page> extends AsyncDisposable {
  /** Console errors, uncaught exceptions and crashes of all its pages, in order. */
  readonly problems: string[]
  /** Opens a page in a context of its own: no cookies, storage or connections shared with other pages. */
  newPage(initScripts?: string[]): Promise<Page>
  close(): Promise<void>
}

/**
 * What a browser keeps for as long as a login session. Where there is none, as for root in a container, libpulse makes a
 * directory in the temporary one at the first sound ever, and leaves it there with a link to it in the home directory.
 */
async function createSession(): Promise<{ env: NodeJS.ProcessEnv; remove: () => Promise<void> }> {
  if (process.env.XDG_RUNTIME_DIR) return { env: process.env, remove: async () => {} }
  const directory = await mkdtemp(join(tmpdir(), 'nc-run-'))
  const remove = () => rm(directory, { recursive: true, force: true })
  return { env: { ...process.env, XDG_RUNTIME_DIR: directory }, remove }
}

/** Starts a browser within a session of its own; `close` ends both. */
async function inSession<Browser extends { close(): Promise<void> }>(
  start: (env: NodeJS.ProcessEnv) => Promise<Browser>,
): Promise<{ browser: Browser; close: () => Promise<void> }> {
  const { env, remove } = await createSession()
  try {
    const browser = await start(env)
    return { browser, close: () => browser.close().finally(remove) }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Starts Chromium, headless unless it has a display, with a profile of its own that is removed on close. */
export async function launchChromium(options: LaunchOptions = {}): Promise<TestBrowser<ChromiumPage>> {
  const { args = [], fakeMedia = true, autoplay = true, display, executablePath = chromiumPath } = options
  const start = (env: NodeJS.ProcessEnv): Promise<Chromium> =>
    chromium.launch({
      env: display === undefined ? env : { ...env, DISPLAY: display },
      headless: display === undefined,
      executablePath,
      args: [...commonFlags, autoplayFlag(autoplay), ...(fakeMedia ? fakeMediaFlags : []), ...args],
      // Tests end their browsers themselves; signals to the test runner are the runner's.
      handleSIGHUP: false,
      handleSIGINT: false,
      handleSIGTERM: false,
    })
  const { browser, close } = await inSession(start)
  const problems: string[] = []
  const newPage = async (initScripts: string[] = []) => {
    const context: BrowserContext = await browser.newContext({ ignoreHTTPSErrors: true })
    for (const content of [ordinaryName, ...initScripts]) await context.addInitScript({ content })
    const page = await context.newPage()
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(`${page.url()}: ${message.text()} (${message.location().url})`)
    })
    page.on('pageerror', (error) => problems.push(`${page.url()}: ${error.stack ?? error.message}`))
    page.on('crash', () => problems.push(`${page.url()}: the page crashed`))
    const endWitness = addWitness(() => describePage(page))
    page.on('close', endWitness)
    return page
  }
  return { problems, newPage, close, [Symbol.asyncDispose]: close }
}

/** Starts Firefox, headless, with a profile of its own that is removed on close. */
export async function launchFirefox(options: LaunchOptions = {}): Promise<TestBrowser<FirefoxPage>> {
  const { args = [], fakeMedia = true, executablePath = firefoxPath } = options
  const start = (env: NodeJS.ProcessEnv): Promise<Firefox> =>
    launch({
      browser: 'firefox',
      env,
      executablePath,
      args,
      headless: true,
      handleSIGHUP: false,
      handleSIGINT: false,
      handleSIGTERM: false,
      extraPrefsFirefox: { ...firefoxPreferences, 'media.navigator.permission.disabled': fakeMedia },
    })
  const { browser, close } = await inSession(start)
  const problems: string[] = []
  const newPage = async (initScripts: string[] = []) => {
    const context = await browser.createBrowserContext()
    const page = await context.newPage()
    for (const content of initScripts) await page.evaluateOnNewDocument(content)
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(`${page.url()}: ${message.text()}`)
    })
    page.on('pageerror', (error) => problems.push(`${page.url()}: ${describe(error)}`))
    const endWitness = addWitness(() => describePage(page))
    page.on('close', endWitness)
    return page
  }
  return { problems, newPage, close, [Symbol.asyncDispose]: close }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
