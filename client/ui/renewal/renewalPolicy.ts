/** In charge of one decision: whether a page that the server may have outgrown is loaded again now. Pure. */

export interface RenewalFacts {
  /** Of the page, as the server wrote it into its head; null where nobody did. */
  readonly pageBuild: string | null
  /** Of the pages that the server has now; null before it was heard. */
  readonly serverBuild: string | null
  /** The server refuses to speak with a page as old as this one. */
  readonly isRefused: boolean
  /** Loading the page again now would take something from the person: full screen, what is being typed. */
  readonly isBusy: boolean
  /** When this tab was loaded again for that reason the last time; null: never. */
  readonly renewed: Renewed | null
  /** Milliseconds since the Unix epoch. */
  readonly now: number
}

export interface Renewed {
  /** Null where the server had only refused. */
  readonly build: string | null
  readonly at: number
}

/** `tell`: it did not help the last time, so a person has to look at it. */
export type RenewalDecision = 'stay' | 'wait' | 'renew' | 'tell'

/** Milliseconds in which loading again for the same reason would be a circle: a cache may hand out old pages. */
const CIRCLE_MS = 60_000

export function decideRenewal(facts: RenewalFacts): RenewalDecision {
  const { pageBuild, serverBuild, isRefused, isBusy, renewed, now } = facts
  const isOld = isRefused || (pageBuild !== null && serverBuild !== null && pageBuild !== serverBuild)
  if (!isOld) return 'stay'
  const build = isRefused ? null : serverBuild
  if (renewed !== null && now - renewed.at < CIRCLE_MS && renewed.build === build) return 'tell'
  // Who is refused has nothing to lose.
  return isBusy && !isRefused ? 'wait' : 'renew'
}
