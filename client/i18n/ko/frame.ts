/** Korean words of what every page has in its header. */
import type { frame as english } from '../en/frame.ts'
import type { Translated } from '../translate.ts'

export const frame: Translated<typeof english> = {
  lightColours: '밝은 화면',
  darkColours: '어두운 화면',
}
