/** In charge of our pages and the files they are made of. No request's path ever becomes a path of the file system. */
import express, { type Request, type Response } from 'express'
import * as v from 'valibot'
import { BUILD_META } from '../../shared/build.ts'
import { NearcastError } from '../../shared/errors.ts'
import { broadcastIdSchema } from '../../shared/ids.ts'
import { chooseLanguage, type Language, languages } from '../../shared/languages.ts'
import { buildOf, type ClientFile, type ClientFiles, fileCodings, makeClientFile } from './clientFiles.ts'
import { type LinkPreview, withLinkPreview } from './linkPreview.ts'
import { chooseEncoding, isNotModified } from './negotiation.ts'
import { pageHeaders, pageNames } from './pageSecurity.ts'
import { inLanguage } from './pageWords.ts'

export interface PageRoutesDeps {
  /** The built client; see readClientFiles. */
  readonly files: ClientFiles
  /** Origins that may frame `/embed/:id`: null is any, none listed is nobody. */
  readonly embedOrigins: readonly string[] | null
  /** What a link to a broadcast may tell anyone; null for none there is. The id is well formed. */
  readonly preview?: (id: string) => LinkPreview | null
}

/** To be mounted at the root, after all other routes. Leaves what it does not know to the next. */
export function pageRoutes({ files, embedOrigins, preview }: PageRoutesDeps): express.Router {
  const router = express.Router()
  const build = buildOf(files)
  for (const page of pageNames) {
    const headers = pageHeaders(page, embedOrigins)
    const built = files.get(`${page}/index.html`)
    const marked = built && withBuild(built, build)
    const spoken = marked && new Map(languages.map((language) => [language, translated(marked, language)]))
    const path = page === 'home' ? '/' : `/${page}/:id`
    router.get(path, async (req, res) => {
      const language = chooseLanguage(req.acceptsLanguages())
      const html = spoken?.get(language)
      if (!html) throw new NearcastError('not-found', 'The pages have not been built: run `npm run build`.')
      // An id that cannot exist gets the page all the same: it tells people in words what they would not see in JSON.
      const id = v.is(broadcastIdSchema, req.params.id) ? req.params.id : null
      if (page !== 'home') res.status(id === null ? 404 : 200)
      res.set(headers).set('Cache-Control', 'no-cache').vary('Accept-Language')
      const shown = page === 'watch' && id !== null ? (preview?.(id) ?? null) : null
      await sendFile(req, res, shown ? previewed(html, shown, language) : html)
    })
    router.all(path, (_req, res) => {
      res.set('Allow', 'GET, HEAD')
      throw new NearcastError('method-not-allowed')
    })
  }
  router.use(async (req, res, next) => {
    const file = req.path.endsWith('.html') ? undefined : files.get(req.path.slice(1))
    if (!file || (req.method !== 'GET' && req.method !== 'HEAD')) return next()
    // The player element may stand in anyone's page, and module scripts are always fetched with CORS.
    res.set({ 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' })
    res.set('X-Content-Type-Options', 'nosniff')
    res.set('Cache-Control', cachingOf(file))
    await sendFile(req, res, file)
  })
  return router
}

/** Script under a name without a hash knows others by theirs: an old one would ask a new server for what is gone. */
function cachingOf({ hashed, type }: ClientFile): string {
  if (hashed) return 'public, max-age=31536000, immutable'
  return type.startsWith('text/javascript') ? 'no-cache' : 'public, max-age=3600'
}

/** A page says which build it is of, so that it can tell when the server has another. */
function withBuild(html: ClientFile, build: string): ClientFile {
  const marked = html.bytes
    .toString()
    .replace('</head>', `  <meta name="${BUILD_META}" content="${build}" />\n  </head>`)
  return makeClientFile('index.html', Buffer.from(marked))
}

function translated(html: ClientFile, language: Language): ClientFile {
  return makeClientFile('index.html', Buffer.from(inLanguage(html.bytes.toString(), language)))
}

/** Too small to be worth compressing each time. */
function previewed(html: ClientFile, preview: LinkPreview, language: Language): ClientFile {
  const bytes = Buffer.from(withLinkPreview(html.bytes.toString(), preview, language))
  return { ...makeClientFile('watch/index.html', bytes), compressible: false }
}

async function sendFile(req: Request, res: Response, file: ClientFile): Promise<void> {
  res.setHeader('ETag', file.etag)
  if (file.compressible) res.vary('Accept-Encoding')
  if (res.statusCode === 200 && isNotModified(req.headers['if-none-match'], file.etag)) {
    res.status(304).end()
    return
  }
  const coding = file.compressible ? chooseEncoding(req.headers['accept-encoding'], fileCodings) : null
  const body = coding ? await file.encoded(coding) : file.bytes
  if (coding) res.setHeader('Content-Encoding', coding)
  res.setHeader('Content-Type', file.type)
  res.setHeader('Content-Length', body.byteLength)
  res.end(body)
}
