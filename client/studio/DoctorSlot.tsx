/** In charge of the doctor's place on the page: it is loaded once the broadcast is live, and never before. */
import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { StudioSession } from './StudioSession.ts'

type Panel = ComponentType<{ readonly session: StudioSession }>

export function DoctorSlot({ session }: { session: StudioSession }) {
  const [panel, setPanel] = useState<{ readonly Doctor: Panel } | null>(null)
  useEffect(() => {
    let isGone = false
    const load = async () => {
      const [{ DoctorPanel }, { loadDoctorWords }] = await Promise.all([
        import('./doctor/DoctorPanel.tsx'),
        import('./doctor/words.ts'),
      ])
      await loadDoctorWords()
      if (!isGone) setPanel({ Doctor: DoctorPanel })
    }
    // Without it the broadcast is as good: it comes with the next visit.
    load().catch(() => {})
    return () => {
      isGone = true
    }
  }, [])
  return panel && <panel.Doctor session={session} />
}
