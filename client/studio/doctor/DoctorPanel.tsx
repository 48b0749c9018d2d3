/** The doctor: whether all is well, what to do where it is not, and the figures behind that for whoever wants them. */
import { useEffect, useState } from 'preact/hooks'
import { systemClock } from '../../lib/clock.ts'
import type { StudioSession } from '../StudioSession.ts'
import { AudienceGraph } from './AudienceGraph.tsx'
import { Doctor } from './Doctor.ts'
import { diagnose, type Finding, type WayFacts } from './diagnose.ts'
import { SentTable } from './SentTable.tsx'
import { findingWords, t, verdictWords, wayName, wayWords } from './words.ts'

export function DoctorPanel({ session }: { session: StudioSession }) {
  const doctor = useDoctor(session)
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    // Trying the ways costs a few packets: not before somebody wants to know.
    if (isOpen && doctor?.findings.ways === null) void doctor.tryWays()
  }, [isOpen, doctor])
  if (!doctor) return null
  const { state, broadcast, desk } = session.view
  const { vitals, ways } = doctor.findings
  const findings = diagnose({
    isReconnecting: state === 'reconnecting',
    vitals,
    ways,
    viewers: broadcast?.viewers ?? { total: 0, webrtc: 0, mse: 0, hls: 0 },
    isMuted: desk.status.muted,
    isScreen: desk.status.screen,
  })
  return (
    <details class="doctor" id="doctor" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {t('heading')} <span class="small muted">{verdictWords(findings)}</span>
      </summary>
      {isOpen && (
        <div class="stack">
          <ul class="findings" id="findings">
            {findings.map((finding) => (
              <FindingItem key={`${finding.code}-${'way' in finding ? finding.way : ''}`} finding={finding} />
            ))}
          </ul>
          <section class="stack-tight">
            <h2>{t('sentHeading')}</h2>
            {vitals && vitals.layers.length + (vitals.sound ? 1 : 0) > 0 ? (
              <SentTable vitals={vitals} />
            ) : (
              <p class="muted small">{t('sentNothing')}</p>
            )}
          </section>
          <Ways ways={ways} doctor={doctor} />
          <section class="stack-tight">
            <h2>{t('audienceHeading')}</h2>
            <AudienceGraph steps={session.audience.steps} now={session.now()} />
          </section>
        </div>
      )}
    </details>
  )
}

function FindingItem({ finding }: { finding: Finding }) {
  const { what, advice } = findingWords(finding)
  const look = { problem: 'notice-error', warning: 'notice-warn', note: '' }[finding.severity]
  return (
    <li class={`notice small ${look}`} data-code={finding.code} data-severity={finding.severity}>
      <strong>{what}</strong> {advice}
    </li>
  )
}

function Ways({ ways, doctor }: { ways: readonly WayFacts[] | null; doctor: Doctor }) {
  return (
    <section class="stack-tight" id="ways" aria-busy={doctor.isTrying}>
      <h2>{t('waysHeading')}</h2>
      <dl class="facts small">
        {(ways ?? []).map(({ id, result }) => (
          <WayItem key={id} id={id} result={result} />
        ))}
      </dl>
      <p class="muted small">{t('waysNote')}</p>
      <button
        id="try-ways"
        class="button"
        type="button"
        disabled={doctor.isTrying}
        onClick={() => void doctor.tryWays()}
      >
        {t(doctor.isTrying ? 'trying' : 'tryAgain')}
      </button>
    </section>
  )
}

function WayItem({ id, result }: WayFacts) {
  return (
    <>
      <dt>{wayName(id)}</dt>
      <dd id={`way-${id}`} data-result={result.kind}>
        {wayWords(result)}
      </dd>
    </>
  )
}

/** One doctor as long as the page is live; the page is drawn anew with each look. */
function useDoctor(session: StudioSession): Doctor | null {
  const [doctor, setDoctor] = useState<Doctor | null>(null)
  const [, draw] = useState(0)
  useEffect(() => {
    const created = Doctor.create({ patient: session, clock: systemClock })
    created.on('change', () => draw((times) => times + 1))
    setDoctor(created)
    return () => created.close()
  }, [session])
  return doctor
}
