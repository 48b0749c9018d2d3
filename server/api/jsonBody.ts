/** In charge of request bodies: JSON only, at most 16 KiB, checked by a schema, refused in words. */
import express, { type RequestHandler } from 'express'
import * as v from 'valibot'
import { NearcastError } from '../../shared/errors.ts'

/** Bytes. A title is 120 characters; anything near this is not for us. */
const MAX_BODY = 16 * 1024

/**
 * Reads a JSON body. The type is demanded even of an empty one: a page of another origin can send any body without
 * asking first, but not this header.
 */
export function jsonBody(): RequestHandler[] {
  return [
    (req, _res, next) => {
      const json = /^application\/json *(;|$)/i.test(req.headers['content-type'] ?? '')
      next(json ? undefined : new NearcastError('unsupported-media-type'))
    },
    express.json({ limit: MAX_BODY, type: 'application/json', strict: true }),
  ]
}

/** The body as the schema has it; throws bad-request that says what is wrong where. */
export function parseBody<Output>(schema: v.GenericSchema<unknown, Output>, body: unknown): Output {
  const result = v.safeParse(schema, body)
  if (result.success) return result.output
  throw new NearcastError('bad-request', result.issues.slice(0, 5).map(inWords).join(' '))
}

function inWords(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue as v.BaseIssue<unknown>)?.slice(0, 64)
  const where = path ? `"${path}"` : 'The body'
  switch (issue.type) {
    case 'max_length':
      return `${where} is longer than ${String(issue.requirement)} characters.`
    case 'regex':
      return `${where} has characters that are not allowed.`
    case 'strict_object':
      return issue.expected === 'never' ? `${where} is not known here.` : `${where} must be an object.`
    case 'check':
      return issue.message
    default:
      return `${where} must be ${issue.expected ?? 'something else'}.`
  }
}
