/** In charge of the keys that video players have in common, and ours: a key in, a command out. Pure. */

export type Command =
  | 'play'
  | 'mute'
  | 'fullscreen'
  | 'float'
  | 'settings'
  | 'statistics'
  | 'help'
  /** To the live picture. */
  | 'live'
  /** Seconds, negative for back. */
  | { readonly seek: number }
  /** From −1 to 1. */
  | { readonly louder: number }

/** What has the focus: `slider` moves by arrows, `button` is pressed by Space, `panel` has keys of its own. */
export type KeyTarget = 'slider' | 'button' | 'panel' | 'other'

export interface KeyPress {
  readonly key: string
  /** Ctrl, Alt or Meta: then it is the browser's. */
  readonly isChord: boolean
  readonly target: KeyTarget
}

/** One press of an arrow key, in seconds, and of the letters beside K. */
const STEP = 5
const LONG_STEP = 10
/** One press of an arrow key. */
const VOLUME_STEP = 0.05

/** Key → command; letters are the same whether Shift or Caps Lock is on. */
const commands: Readonly<Record<string, Command>> = {
  ' ': 'play',
  k: 'play',
  m: 'mute',
  f: 'fullscreen',
  p: 'float',
  s: 'settings',
  i: 'statistics',
  '?': 'help',
  end: 'live',
  arrowleft: { seek: -STEP },
  arrowright: { seek: STEP },
  j: { seek: -LONG_STEP },
  l: { seek: LONG_STEP },
  arrowup: { louder: VOLUME_STEP },
  arrowdown: { louder: -VOLUME_STEP },
}

/** Null for what is no key of the player, or belongs to what has the focus. */
export function commandOf({ key, isChord, target }: KeyPress): Command | null {
  if (isChord || target === 'panel') return null
  if (target === 'slider' && /^(Arrow|End$)/.test(key)) return null
  if (target === 'button' && key === ' ') return null
  return commands[key.toLowerCase()] ?? null
}

/** Reads a key press: what has the focus may be deep in shadow trees. */
export function keyPress(event: KeyboardEvent): KeyPress {
  const isChord = event.ctrlKey || event.metaKey || event.altKey
  return { key: event.key, isChord, target: targetOf(event.composedPath()) }
}

function targetOf(path: readonly EventTarget[]): KeyTarget {
  const dialog = path.find((each) => each instanceof HTMLDialogElement)
  // What is in one that has just been closed may have the focus for another moment, and is not what anybody means.
  if (dialog) return dialog.open ? 'panel' : 'other'
  const [focused] = path
  if (focused instanceof HTMLInputElement) return 'slider'
  return focused instanceof HTMLButtonElement ? 'button' : 'other'
}
