/** One request at the door: counted against the rate, validated, handled, answered. Nothing a client sends gets past it raw. */
import * as v from 'valibot'
import { NearcastError } from '../../shared/errors.ts'
import type { Answers, Params, Reply, RequestName } from '../../shared/signaling.ts'
import type { Logger } from '../ops/logger.ts'

/** Handlers of one role, by request: parsed parameters in, answer out. */
export type Handlers<Names extends RequestName> = {
  readonly [Name in Names]: (params: Params<Name>) => Promise<Answers[Name]> | Answers[Name]
}

export type Schemas<Names extends RequestName> = Readonly<Record<Names, v.GenericSchema>>

export interface Door<Names extends RequestName> {
  readonly schemas: Schemas<Names>
  readonly handlers: Handlers<Names>
  /** Whether the sender may make one more request now. */
  takeToken(): boolean
  /** Told of every request that was refused for what it was, not for what the server could not do. */
  offence(code: 'bad-message' | 'rate-limited' | 'unknown-id'): void
  readonly log: Logger
}

/** Answers one request. Never rejects: what goes wrong is in the reply. */
export async function handle<Names extends RequestName>(
  door: Door<Names>,
  name: string,
  params: unknown,
): Promise<Reply<Answers[Names]>> {
  try {
    if (!door.takeToken()) throw new NearcastError('rate-limited')
    if (!isRequest(door, name)) throw new NearcastError('bad-message', 'There is no such request for this role.')
    const parsed = v.safeParse(door.schemas[name], params)
    if (!parsed.success) throw new NearcastError('bad-message', problem(parsed.issues))
    // The schema of this very name has just parsed it; the map from name to type is not visible to the compiler here.
    return { ok: true, value: await door.handlers[name](parsed.output as Params<Names>) }
  } catch (error) {
    return { ok: false, error: refusal(door, name, error).body }
  }
}

function isRequest<Names extends RequestName>(door: Door<Names>, name: string): name is Names {
  return Object.hasOwn(door.schemas, name)
}

function refusal(door: Pick<Door<RequestName>, 'offence' | 'log'>, request: string, error: unknown): NearcastError {
  if (error instanceof NearcastError) {
    const { code } = error
    if (code === 'bad-message' || code === 'rate-limited' || code === 'unknown-id') door.offence(code)
    door.log.debug({ request: request.slice(0, 64), code }, 'request refused')
    return error
  }
  // mediasoup's checks of RTP and DTLS parameters throw TypeError and UnsupportedError.
  if (error instanceof TypeError || (error instanceof Error && error.name === 'UnsupportedError')) {
    door.offence('bad-message')
    door.log.warn({ request, error: error.message }, 'parameters refused')
    return new NearcastError('bad-message')
  }
  door.log.error({ request, error: error instanceof Error ? error.stack : String(error) }, 'request failed')
  return new NearcastError('internal')
}

function problem(issues: readonly v.BaseIssue<unknown>[]): string {
  const [first] = issues
  if (first === undefined) return 'bad-message'
  const path = v.getDotPath(first)
  // The issue's message can quote the received value: only the place and the expectation are told.
  return path === null
    ? `expected ${first.expected ?? 'something else'}`
    : `${path}: expected ${first.expected ?? 'something else'}`
}
