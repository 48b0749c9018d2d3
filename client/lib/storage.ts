/** In charge of what a page remembers. Browsers may forbid it or have no room; then nothing is remembered. */

/** `tab`: until the tab is closed. `browser`: until the person clears it. */
type Scope = 'tab' | 'browser'

const areaOf = (scope: Scope) => (scope === 'tab' ? sessionStorage : localStorage)

export function recall(scope: Scope, name: string): string | null {
  try {
    return areaOf(scope).getItem(name)
  } catch {
    return null
  }
}

/** Null forgets. */
export function remember(scope: Scope, name: string, value: string | null): void {
  try {
    if (value === null) areaOf(scope).removeItem(name)
    else areaOf(scope).setItem(name, value)
  } catch {
    // Nothing that works depends on it.
  }
}
