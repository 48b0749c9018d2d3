/** In charge of the browser's bundle: one entry a page, each a folder of `client/` with an `index.html`, and the player. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'

const root = fileURLToPath(new URL('.', import.meta.url))

/** Page name → its HTML file; the server finds it again at `dist/<page>/index.html`. */
const pages = Object.fromEntries(
  readdirSync(root)
    .filter((name) => name !== 'dist' && existsSync(`${root}/${name}/index.html`))
    .map((name) => [name, `${root}/${name}/index.html`]),
)

/** Name of the player's entry: other people's pages know its address, so that it has no hash. */
const PLAYER = 'nearcast-player'

/**
 * A classic script at the head of pages: modules run after the first paint, and the content security policy allows
 * nothing inline. `attrs` say when it runs, `isFor` on which pages.
 */
function earlyScript(file: string, attrs: { async?: true }, isFor: (path: string) => boolean): Plugin {
  const source = readFileSync(`${root}/ui/${file}.js`, 'utf8')
  const name = file.split('/').at(-1)
  const fileName = `assets/${name}-${createHash('sha256').update(source).digest('base64url').slice(0, 8)}.js`
  return {
    name: `early ${name}`,
    apply: 'build',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName, source })
    },
    transformIndexHtml: (_html, { path }) =>
      isFor(path) ? [{ tag: 'script', attrs: { ...attrs, src: `/${fileName}` }, injectTo: 'head-prepend' }] : [],
  }
}

/** What the page before left is seen before the bundle of a page with a player runs. */
const earlyCover = earlyScript('renewal/earlyCover', { async: true }, (path) => /^\/(watch|embed)\//.test(path))
/** Chosen colours come before the first paint; the embed page is dark for everybody. */
const earlyTheme = earlyScript('earlyTheme', {}, (path) => !path.startsWith('/embed/'))

/**
 * No asset is inlined and no preload polyfill added, since the content security policy knows only files of our own
 * origin. JSX follows tsconfig.json.
 */
export default defineConfig({
  root,
  base: '/',
  appType: 'mpa',
  publicDir: false,
  plugins: [earlyCover, earlyTheme],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    // Browsers with H.264 simulcast or MSE that are worth testing: Chromium 111, Firefox 114, Safari 16.4.
    target: ['es2022', 'chrome111', 'firefox114', 'safari16.4'],
    // What scripts load later they find beside themselves: an address of our own origin means nothing in another page.
    modulePreload: {
      polyfill: false,
      resolveDependencies: (_file, dependencies, { hostType }) => (hostType === 'html' ? dependencies : []),
    },
    rolldownOptions: {
      input: { ...pages, [PLAYER]: `${root}/player/main.ts` },
      preserveEntrySignatures: 'exports-only',
      output: {
        entryFileNames: ({ name }) => (name === PLAYER ? 'player/[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
})
