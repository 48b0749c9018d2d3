/** In charge of putting text into the clipboard, also on pages that are no secure context and have no clipboard to speak of. */
import { make } from '../dom.ts'

/** Within a press. Says whether it is there. `parent`: where a field may stand for a moment. */
export async function copyText(text: string, parent: HTMLElement): Promise<boolean> {
  if (navigator.clipboard) {
    const isCopied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    )
    if (isCopied) return true
  }
  const field = make('textarea', { class: 'visually-hidden', readonly: '' })
  field.value = text
  parent.append(field)
  field.select()
  // Deprecated, and the only way there is.
  const isCopied = document.execCommand('copy')
  field.remove()
  return isCopied
}
