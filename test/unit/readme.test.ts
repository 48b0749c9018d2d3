import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { settings } from '../../server/config.ts'
import { errorTable } from '../../shared/errors.ts'

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')

/** Rows of the table below a heading, cells trimmed. */
function rows(heading: string): string[][] {
  const section = readme.split(/^#{2,3} /m).find((part) => part.startsWith(heading)) ?? ''
  const lines = section.split('\n').filter((line) => line.startsWith('| `'))
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

describe('README.md', () => {
  it('lists every setting with its default and meaning, and no other', () => {
    const listed = rows('Settings').map(([name, fallback]) => [name, fallback])
    expect(listed).toEqual(
      Object.values(settings).map(({ name, defaultText }) => [`\`${name}\``, `\`${defaultText}\``]),
    )
    for (const { meaning } of Object.values(settings)) expect(readme).toContain(meaning)
  })

  it('lists every error code with its status and text, and no other', () => {
    const expected = Object.entries(errorTable).map(([code, { status, retryable, text }]) => [
      `\`${code}\``,
      `${status}`,
      retryable ? 'yes' : 'no',
      text,
    ])
    expect(rows('Errors')).toEqual(expected)
  })
})
