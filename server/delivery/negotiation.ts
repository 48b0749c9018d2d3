/** In charge of what request headers ask for: which content coding, and whether the client has it already. No I/O. */

/** The first of `offered` that the `Accept-Encoding` header takes (RFC 9110 12.5.3), or null for the plain bytes. */
export function chooseEncoding<Coding extends string>(
  header: string | undefined,
  offered: readonly Coding[],
): Coding | null {
  const weights = new Map<string, number>()
  for (const item of (header ?? '').slice(0, 512).toLowerCase().split(',')) {
    const [coding = '', ...parameters] = item.split(';').map((part) => part.trim())
    const q = parameters.find((parameter) => parameter.startsWith('q='))
    if (coding !== '') weights.set(coding, q === undefined ? 1 : Number(q.slice(2)) || 0)
  }
  return offered.find((coding) => (weights.get(coding) ?? weights.get('*') ?? 0) > 0) ?? null
}

/** Whether `If-None-Match` names the entity tag, by weak comparison (RFC 9110 13.1.2). */
export function isNotModified(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  const opaque = (tag: string) => tag.trim().replace(/^W\//, '')
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || opaque(tag) === opaque(etag))
}
