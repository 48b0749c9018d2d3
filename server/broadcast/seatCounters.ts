/** Numbers that tell an operator whether there are enough seats; labelled `seat`: `webrtc` or `mse`. */
import type { Counter, Metrics } from '../ops/metrics.ts'

export interface SeatCounters {
  readonly refused: Counter
  readonly promoted: Counter
  readonly lapsed: Counter
}

export function seatCounters(metrics: Metrics): SeatCounters {
  return {
    refused: metrics.counter('nearcast_seats_refused_total', 'Attempts to take a seat where there was none.'),
    promoted: metrics.counter('nearcast_seats_promoted_total', 'Seats promised to viewers who waited for them.'),
    lapsed: metrics.counter('nearcast_seats_lapsed_total', 'Promised seats that passed to the next in line.'),
  }
}
