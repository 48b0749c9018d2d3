/** What a person at the terminal is told once the server is up. */

export interface WelcomeFacts {
  /** The address on this machine. */
  url: string
  /** The address that others on the network can open, or null without a network. */
  networkUrl: string | null
  /** The token that creating asks for, or null when anyone may create. */
  createToken: string | null
}

export function welcome({ url, networkUrl, createToken }: WelcomeFacts): string {
  const start = createToken === null ? url : `${url}/#token=${createToken}`
  const lines = ['', '  Nearcast is running.', '', `  Start a broadcast:  ${start}`]
  if (networkUrl !== null) lines.push(`  On your network:    ${networkUrl}`)
  lines.push('', '  Stop with Ctrl+C.', '')
  return `${lines.join('\n')}\n`
}
