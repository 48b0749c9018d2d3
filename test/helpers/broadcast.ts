/** In charge of what every end-to-end test begins with: a broadcast that is live, and people who watch it. */
import type { BroadcastFacts, CreatedBroadcast } from '../../shared/broadcast.ts'
import { clockCameraScript } from './clockCamera.ts'
import { type AnyPage, evaluate } from './page.ts'
import { waitFor } from './waitFor.ts'

/** What Playwright's and Puppeteer's pages and browsers have in common here. */
export interface DrivenPage extends AnyPage {
  goto(url: string): Promise<unknown>
  click(selector: string): Promise<unknown>
  close(): Promise<unknown>
}

export interface DrivenBrowser<Page extends DrivenPage> {
  readonly problems: string[]
  newPage(initScripts?: string[]): Promise<Page>
}

/** Makes a broadcast by the API of the server at `url`. */
export async function createBroadcast(url: string, body: object = { title: 'Test' }): Promise<CreatedBroadcast> {
  const response = await fetch(`${url}/api/broadcasts`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (response.status !== 201) throw new Error(`creating a broadcast was answered by ${response.status}`)
  return (await response.json()) as CreatedBroadcast
}

/** What the API tells everyone. */
export async function broadcastFacts(url: string, id: string): Promise<BroadcastFacts> {
  return (await (await fetch(`${url}/api/broadcasts/${id}`)).json()) as BroadcastFacts
}

/**
 * Opens the studio with the clock picture for a camera, and presses *Go live*. Resolves when it says that it is live.
 * `query` such as `?ice=relay`.
 */
export async function goLive<Page extends DrivenPage>(
  browser: DrivenBrowser<Page>,
  url: string,
  created: CreatedBroadcast,
  scripts: string[] = [clockCameraScript()],
  query = '',
): Promise<Page> {
  const page = await browser.newPage(scripts)
  await page.goto(`${url}/studio/${created.id}${query}#key=${created.publishKey}`)
  await waitForStudio(page, 'preview')
  await page.click('#go-live')
  await waitForStudio(page, 'live')
  return page
}

/** Resolves when the studio's root says this state. */
export async function waitForStudio(page: AnyPage, state: string, deadline = 20_000): Promise<void> {
  const look = "document.querySelector('[data-state]')?.dataset.state ?? 'none'"
  let last = ''
  await waitFor(
    `the studio is ${state}`,
    async () => {
      last = await evaluate<string>(page, look)
      return last === state
    },
    { deadline },
  ).catch((error: unknown) => {
    throw new Error(`the studio is ${last}, not ${state}`, { cause: error })
  })
}

/** Opens the page of a viewer; `query` such as `?prefer=smooth`. */
export async function watch<Page extends DrivenPage>(
  browser: DrivenBrowser<Page>,
  url: string,
  id: string,
  query = '',
  scripts: string[] = [],
): Promise<Page> {
  const page = await browser.newPage(scripts)
  await page.goto(`${url}/watch/${id}${query}`)
  return page
}

/** The attributes that the player element reflects. */
export interface PlayerFacts {
  state: string | null
  transport: string | null
}

export async function playerFacts(page: AnyPage): Promise<PlayerFacts> {
  const read = `(() => {
    const player = document.querySelector('nearcast-player')
    return { state: player?.getAttribute('state') ?? null, transport: player?.getAttribute('transport') ?? null }
  })()`
  return evaluate<PlayerFacts>(page, read)
}

/** Resolves when the player shows all the wanted attributes. */
export async function waitForPlayer(page: AnyPage, wanted: Partial<PlayerFacts>, deadline = 20_000): Promise<void> {
  let last: PlayerFacts = { state: null, transport: null }
  await waitFor(
    `the player has ${JSON.stringify(wanted)}`,
    async () => {
      last = await playerFacts(page)
      return Object.entries(wanted).every(([name, value]) => last[name as keyof PlayerFacts] === value)
    },
    { deadline },
  ).catch((error: unknown) => {
    throw new Error(`the player has ${JSON.stringify(last)}, not ${JSON.stringify(wanted)}`, { cause: error })
  })
}
