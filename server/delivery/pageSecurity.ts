/** In charge of the headers that say what our pages may do and who may frame them. No I/O. */

export const pageNames = ['home', 'studio', 'watch', 'embed'] as const
export type PageName = (typeof pageNames)[number]

/**
 * Security headers of a page. Nothing inline, nothing from elsewhere; `blob:` is where media source URLs and hls.js's
 * worker come from. `embedOrigins` are the origins that may frame `/embed`; null is any, none listed is nobody.
 */
export function pageHeaders(page: PageName, embedOrigins: readonly string[] | null): Record<string, string> {
  const frameAncestors = page !== 'embed' ? "'none'" : embedOrigins === null ? '*' : embedOrigins.join(' ') || "'none'"
  const sends = page === 'home' || page === 'studio' ? '(self)' : '()'
  return {
    'Content-Security-Policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data: blob:",
      "font-src 'self'",
      "manifest-src 'self'",
      // A page's own origin does not cover the WebSocket of the same host in every browser that is still about.
      "connect-src 'self' ws: wss:",
      "media-src 'self' blob:",
      "worker-src 'self' blob:",
      "base-uri 'none'",
      "form-action 'none'",
      `frame-ancestors ${frameAncestors}`,
    ].join('; '),
    'Permissions-Policy': `camera=${sends}, microphone=${sends}, display-capture=${sends}, geolocation=(), payment=(), usb=()`,
    // The link is the permission to watch: no other site learns it. (`no-referrer` would make Origin null on posts.)
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
  }
}
