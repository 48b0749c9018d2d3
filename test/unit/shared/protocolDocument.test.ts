import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { noticeNames, PROTOCOL_VERSION } from '../../../shared/protocol.ts'
import { broadcasterRequests, viewerRequests } from '../../../shared/signaling.ts'

const document = await readFile(new URL('../../../shared/PROTOCOL.md', import.meta.url), 'utf8')

/** Names in the first column of the table below a heading. */
function namesBelow(heading: string): string[] {
  const section = document.split(/^## /m).find((part) => part.startsWith(heading)) ?? ''
  return [...section.matchAll(/^\| `([^`]+)` *\|/gm)].map((match) => match[1] ?? '')
}

describe('PROTOCOL.md', () => {
  it('names the version the code speaks', () => {
    expect(document).toContain(`# Signaling protocol, version ${PROTOCOL_VERSION}`)
    expect(document).toContain(`{version: ${PROTOCOL_VERSION},`)
  })

  it('lists exactly the requests of a broadcaster', () => {
    expect(namesBelow('Requests of a broadcaster').toSorted()).toEqual(Object.keys(broadcasterRequests).toSorted())
  })

  it('lists exactly the requests of a viewer', () => {
    expect(namesBelow('Requests of a viewer').toSorted()).toEqual(Object.keys(viewerRequests).toSorted())
  })

  it('lists exactly the notices', () => {
    expect(namesBelow('Notices').toSorted()).toEqual([...noticeNames].toSorted())
  })
})
