/** In charge of telling our own pages from other people's by the `Origin` header, which browsers do not let pages forge. */

/**
 * Whether a request comes from one of our own pages, or from no page at all (programs send no `Origin`).
 * `host` is the request's `Host`; `publicUrl` the address the operator gave, or null.
 */
export function isOwnOrigin(origin: string | undefined, host: string | undefined, publicUrl: string | null): boolean {
  if (origin === undefined) return true
  const parsed = parse(origin)
  if (!parsed) return false
  if (publicUrl !== null && parsed.origin === parse(publicUrl)?.origin) return true
  // The scheme is not compared: behind a proxy that speaks TLS we see http where the browser saw https.
  return host !== undefined && (parsed.host === host || parsed.host === parse(`${parsed.protocol}//${host}`)?.host)
}

/** Origins whose pages may embed the player. */
export interface EmbedPolicy {
  /** Empty means any. */
  readonly embedOrigins: readonly string[]
  readonly publicUrl: string | null
}

/** Whether a page of this origin may open a viewer's WebSocket: CORS does not keep others from it. */
export function mayWatchFrom(
  { origin, host }: { readonly origin?: string | undefined; readonly host?: string | undefined },
  { embedOrigins, publicUrl }: EmbedPolicy,
): boolean {
  const embedded = embedOrigins.length === 0 || (origin !== undefined && embedOrigins.includes(origin))
  return embedded || isOwnOrigin(origin, host, publicUrl)
}

function parse(url: string): URL | null {
  if (!/^https?:\/\//i.test(url)) return null
  return URL.canParse(url) ? new URL(url) : null
}
