/** Logs tell the story of one id: pino, structured, with secrets redacted wherever they might turn up. */
import { type Logger, pino } from 'pino'
import { logLineAsText } from './logText.ts'

export type { Logger }

/** Where lines go. */
export interface LogOutput {
  write(text: string): unknown
  readonly isTTY?: boolean
}

/** JSON lines, or text when the output is a terminal. Children carry `broadcast` and `viewer`. */
export function createLogger(level: string, output: LogOutput): Logger {
  const destination = output.isTTY ? { write: (line: string) => output.write(logLineAsText(line)) } : output
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: [
          'publishKey',
          '*.publishKey',
          'authorization',
          '*.authorization',
          'credential',
          '*.credential',
          '*.secret',
        ],
        censor: '[redacted]',
      },
    },
    destination,
  )
}
