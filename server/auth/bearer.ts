/** In charge of reading `Authorization: Bearer …` (RFC 6750): the only place where a key or token travels over HTTP. */

/** The token of the header, or null when there is none or it is no bearer token (at most 256 characters). */
export function bearerToken(authorization: string | undefined): string | null {
  if (authorization === undefined) return null
  return /^Bearer +([A-Za-z0-9._~+/-]{1,256}=*) *$/i.exec(authorization)?.[1] ?? null
}
