/** The top of a page: what leads home, what the page has to say there, and the switches. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Brand } from './Brand.tsx'
import { addSwitches } from './switches.ts'

export function PageHeader({ children }: { children?: ComponentChildren }) {
  const switches = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (switches.current) addSwitches(switches.current)
  }, [])
  return (
    <header class="page-header">
      <Brand />
      {children}
      <div class="switches" ref={switches} />
    </header>
  )
}
