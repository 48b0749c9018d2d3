/** What a person at the terminal is told once the server is up. */
import type { Origins } from './origins.ts'

/** `createToken` is what creating asks for, or null when anyone may create. */
export function welcome({ local, network, shared }: Origins, createToken: string | null): string {
  const start = createToken === null ? local : `${local}/#token=${createToken}`
  const lines = ['', '  Nearcast is running.', '', `  Start a broadcast:  ${start}`]
  if (network !== null && network !== local) lines.push(`  On your network:    ${network}`)
  if (shared !== network && shared !== local) lines.push(`  Links begin with:   ${shared}`)
  lines.push('', '  Stop with Ctrl+C.', '')
  return `${lines.join('\n')}\n`
}
