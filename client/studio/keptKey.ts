/** In charge of the publish key in the page: from the fragment, kept for a reload that lost it, never sent in a URL. */

/** The key of this broadcast, or null when neither the address nor an earlier load of this tab has it. */
export function keptKey(broadcastId: string): string | null {
  const name = `nearcast-key-${broadcastId}`
  const inAddress = new URLSearchParams(location.hash.slice(1)).get('key')
  if (inAddress !== null) sessionStorage.setItem(name, inAddress)
  return inAddress ?? sessionStorage.getItem(name)
}
