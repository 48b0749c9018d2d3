/** In charge of what changes with the clock: draws anew once a second while it is shown. */
import { useEffect, useState } from 'preact/hooks'
import { systemClock } from '../lib/clock.ts'

/** The time by `readClock`, once a second while it is shown. */
export function useSecond(isShown: boolean, readClock: () => number): number {
  const [now, setNow] = useState(readClock)
  useEffect(() => {
    if (!isShown) return
    setNow(readClock())
    return systemClock.every(1000, () => setNow(readClock()))
  }, [isShown, readClock])
  return now
}
