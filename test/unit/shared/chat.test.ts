import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import {
  type ChatMessage,
  isChatName,
  MAX_CHAT_NAME,
  MAX_CHAT_TEXT,
  MAX_SLOW_MODE,
  tidyName,
  tidyText,
} from '../../../shared/chat.ts'
import { broadcasterRequests, viewerRequests } from '../../../shared/signaling.ts'

const anything = fc.string({ unit: 'binary', maxLength: 3_000 })
const key = 'key-of-a-message'
/** UAX 9's controls, by number: the source of this test shall have none in it. */
const turning = [0x061c, 0x200e, 0x200f, 0x202a, 0x202e, 0x2066, 0x2069].map((code) => String.fromCodePoint(code))

describe('what people may write', () => {
  it('is one line without anything that hides or turns text', () => {
    expect(tidyText('  two\n\n lines\tand\u2028more ')).toBe('two lines and more')
    expect(tidyText(`a${turning.join('')}b\u0000c\u200bd\u00ade\u{e0041}f\ufeff`)).toBe('abcdef')
    expect(tidyText(`x${'\u0301'.repeat(40)}`)).toHaveLength(5)
  })

  it('keeps what languages and emoji need', () => {
    for (const text of ['안녕하세요', 'می‌خواهم', '👩‍👩‍👧', '❤️', 'ภาษาไทยที่สวย', '<b>&amp;</b>']) {
      expect(tidyText(text)).toBe(text.normalize('NFC'))
    }
  })

  it('never has a control, a lone surrogate or a direction of its own in it, whatever is sent', () => {
    fc.assert(
      fc.property(anything, (raw) => {
        const text = tidyText(raw)
        expect(text).not.toMatch(/[\p{Cc}\p{Cs}]/u)
        expect(text).not.toMatch(/\s{2}|^\s|\s$/u)
        for (const control of turning) expect(text).not.toContain(control)
        expect(tidyText(text)).toBe(text)
      }),
    )
  })

  it('fits into a data channel’s message with the longest name, whatever is sent', () => {
    fc.assert(
      fc.property(anything, anything, (rawText, rawName) => {
        const parsed = v.safeParse(viewerRequests['chat:send'], { key, name: rawName, text: rawText })
        if (!parsed.success) return
        const { name, text } = parsed.output
        const event: ChatMessage = { kind: 'message', number: 2 ** 50, at: 2 ** 45, who: 20_000, name, text }
        expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThanOrEqual(4096)
      }),
    )
    const widest = { key, name: '한'.repeat(MAX_CHAT_NAME), text: '한'.repeat(MAX_CHAT_TEXT) }
    expect(v.is(viewerRequests['chat:send'], widest)).toBe(true)
  })

  it('is refused when it is empty, too long or not all of it is known', () => {
    const send = (text: unknown, more = {}) => v.is(viewerRequests['chat:send'], { key, name: 'Ada', text, ...more })
    expect(send('hello')).toBe(true)
    for (const text of ['', '  \n ', '\u202e', 'a'.repeat(MAX_CHAT_TEXT + 1), 7, null]) expect(send(text)).toBe(false)
    expect(send('hello', { host: true })).toBe(false)
    expect(send('hello', { key: '../../etc' })).toBe(false)
    expect(v.is(broadcasterRequests['chat:say'], { key, text: 'hello', name: 'Ada' })).toBe(false)
    const configure = broadcasterRequests['chat:configure']
    expect(v.is(configure, { enabled: true, slow: MAX_SLOW_MODE })).toBe(true)
    expect(v.is(configure, { enabled: true, slow: MAX_SLOW_MODE + 1 })).toBe(false)
  })
})

describe('a name', () => {
  it('has something to read in it', () => {
    for (const name of ['Ada', '지민', '42', '🦊', 'O’Neill']) expect(isChatName(tidyName(name))).toBe(true)
    for (const name of ['', '  ', '...', '\u3164', '\u2800', '\u200d', '\u202e']) {
      expect(isChatName(tidyName(name))).toBe(false)
    }
  })

  it('is nobody’s who runs the broadcast, however it is written', () => {
    for (const name of ['Broadcaster', 'HOST', 'h.o.s.t', 'Ｈｏｓｔ', 'ho\u200dst', '~ admin ~', '방송자']) {
      expect(isChatName(tidyName(name))).toBe(false)
    }
    expect(isChatName(tidyName('Hostettler'))).toBe(true)
  })
})
