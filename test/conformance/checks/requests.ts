/** Checks of how playlist requests are answered: draft-pantos-hls-rfc8216bis 6.2.5. */
import { type Check, type Look, satisfies, snapshotsOf } from '../check.ts'
import type { Probe, ProbeName, Recording } from '../record/Record.ts'

/** Milliseconds within which an answer counts as given at once, by the quickest of several. */
const AT_ONCE = 250
/** How many target durations a request waits when nothing comes: 6.2.5.2. */
const LONGEST_WAIT = 3
/** Seconds for the machine and the network beyond that wait. */
const MARGIN = 3

export const requestChecks: readonly Check[] = [
  refused('requests/part-without-msn', 'part-without-msn', '_HLS_part without _HLS_msn is answered by 400 (6.2.5.2)'),
  refused('requests/bad-numbers', 'bad-numbers', 'directives that are no numbers are answered by 400 (6.2.5.2, 4.2)'),
  refused('requests/far-msn', 'far-msn', '_HLS_msn more than two beyond the last is answered by 400 (6.2.5.2)'),
  refused('requests/far-part', 'far-part', '_HLS_part beyond the Advance Part Limit is answered by 400 (6.2.5.2)'),
  {
    name: 'requests/refused-at-once',
    rule: 'what is refused is refused at once, not after a wait (6.2.5.2)',
    run: (recording, look) => {
      for (const name of ['part-without-msn', 'bad-numbers', 'far-msn', 'far-part'] as const) {
        const times = (recording.probes.get(name) ?? []).map(took)
        if (times.length > 0)
          look.expect(Math.min(...times) <= AT_ONCE, name, () => `after ${Math.round(Math.min(...times))} ms`)
      }
      if (look.examined === 0) look.skip('blocking reload is not offered')
    },
  },
  atOnce(
    'requests/past-end',
    'past-end',
    'a part index past the end of its segment is part 0 of the next, which is there (6.2.5.2)',
  ),
  atOnce(
    'requests/old-msn',
    'old-msn',
    'what is in the playlist, or was, is answered by the whole playlist at once (6.2.5.2)',
  ),
  atOnce('requests/plain', 'plain', 'a plain request is answered at once'),
  {
    name: 'requests/blocks',
    rule: 'a blocking reload is answered by a playlist that has what was asked for, or waited three target durations (6.2.5.2)',
    run: (recording, look) => {
      for (const { rendition, snapshot } of snapshotsOf(recording)) {
        const { asked, playlist, exchange } = snapshot
        if (!asked) continue
        const waited = exchange.endedAt - exchange.sentAt >= LONGEST_WAIT * 1000 * playlist.targetDuration * 0.95
        const there = playlist.ended || waited || satisfies(playlist, asked)
        look.expect(
          there,
          rendition.name,
          () => `asked for ${asked.msn}.${asked.part} after ${Math.round(exchange.endedAt - exchange.sentAt)} ms`,
        )
      }
      if (look.examined === 0) look.skip('blocking reload is not offered')
    },
  },
  {
    name: 'requests/waits-no-longer',
    rule: 'after three target durations without news the playlist is sent as it is (delivery rules)',
    run: (recording, look) => {
      for (const { rendition, snapshot } of snapshotsOf(recording)) {
        const { asked, playlist, exchange } = snapshot
        if (!asked || satisfies(playlist, asked)) continue
        const waited = (exchange.endedAt - exchange.sentAt) / 1000
        const right = waited <= LONGEST_WAIT * playlist.targetDuration + MARGIN
        if (waited > 1) look.expect(right, rendition.name, () => `${waited.toFixed(1)} s`)
      }
      if (look.examined === 0) look.skip('the server never stood still')
    },
  },
  {
    name: 'requests/ended',
    rule: 'directives are ignored once a playlist has its end: the whole playlist at once (6.2.5.1, 6.2.5.2)',
    run: (recording, look) => {
      const probes = recording.probes.get('ended') ?? []
      if (probes.length === 0) look.skip('the broadcast did not end')
      // Each is asked for once, maybe by a machine that stalls: what is held takes twice as long.
      const target = snapshotsOf(recording).at(-1)?.snapshot.playlist.targetDuration ?? 0
      const soon = Math.max(AT_ONCE, (LONGEST_WAIT * 1000 * target) / 2)
      for (const { exchange, playlist } of probes) {
        const whole = exchange.status === 200 && playlist?.skipped === null && playlist.ended
        // Whoever is gone a moment after its end is no liar.
        const gone = exchange.status === 404 || exchange.status === 410
        look.expect(whole || gone, exchange.url, () => `${exchange.status}`)
        look.expect(took({ exchange }) <= soon, exchange.url, () => `after ${Math.round(took({ exchange }))} ms`)
      }
    },
  },
]

function took({ exchange }: Pick<Probe, 'exchange'>): number {
  return exchange.endedAt - exchange.sentAt
}

function probesOf(recording: Recording, name: ProbeName, look: Look): readonly Probe[] {
  const probes = recording.probes.get(name) ?? []
  if (probes.length === 0) look.skip(name === 'plain' ? 'no playlist was seen' : 'blocking reload is not offered')
  return probes
}

function refused(name: string, probe: ProbeName, rule: string): Check {
  const run = (recording: Recording, look: Look) => {
    for (const { exchange, playlist } of probesOf(recording, probe, look)) {
      // The broadcast ended meanwhile, and with it the directives: `requests/ended`.
      if (exchange.status === 200 && playlist?.ended) continue
      look.expect(exchange.status === 400, exchange.url, () => `answered by ${exchange.status}`)
    }
  }
  return { name, rule, run }
}

function atOnce(name: string, probe: ProbeName, rule: string): Check {
  const run = (recording: Recording, look: Look) => {
    const probes = probesOf(recording, probe, look)
    for (const { exchange, playlist } of probes) {
      const whole = exchange.status === 200 && playlist !== null && playlist.skipped === null
      look.expect(whole, exchange.url, () => `answered by ${exchange.status}`)
    }
    const quickest = Math.min(...probes.map(took))
    if (probes.length > 0) look.expect(quickest <= AT_ONCE, probe, () => `after ${Math.round(quickest)} ms`)
  }
  return { name, rule, run }
}
