import { describe, expect, it } from 'vitest'
import { element, escapeXml } from '../../../server/packager/xml.ts'
import { parseXml } from '../../helpers/xml.ts'

describe('XML that is written', () => {
  it('stays well formed and says the same whatever stands in it', () => {
    const nasty = `<b a="1">&amp; 'x' ]]> ü 😀`
    const text = element('a', { x: nasty, y: 3, z: undefined }, [element('b', {}, escapeXml(nasty)), element('c')])
    expect(parseXml(text)).toEqual({
      name: 'a',
      attributes: { x: nasty, y: '3' },
      text: expect.stringMatching(/^\s+$/),
      children: [
        { name: 'b', attributes: {}, children: [], text: nasty },
        { name: 'c', attributes: {}, children: [], text: '' },
      ],
    })
  })

  it('holds no character that XML has no place for', () => {
    expect(escapeXml('a\u0000b\u001fc\td\n')).toBe('abc\td\n')
  })
})

describe('XML that is read in tests', () => {
  it.each(['<a>', '<a></b>', '<a/><b/>', 'x<a/>', '<a b="1" b="2"/>', '<a>&</a>', '<a b=1/>', '<a b="<"/>'])(
    'is refused when it is %s',
    (text) => {
      expect(() => parseXml(text)).toThrow()
    },
  )
})
