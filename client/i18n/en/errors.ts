/** English words of the errors, for people: the table's own. */
import { type ErrorCode, errorTable } from '../../../shared/errors.ts'

const entries = Object.entries(errorTable).map(([code, { text }]) => [code, text])

export const errors: Readonly<Record<ErrorCode, string>> = Object.fromEntries(entries)
