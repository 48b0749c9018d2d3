import { describe, expect, it } from 'vitest'
import { type Command, commandOf, type KeyTarget } from '../../../../client/player/keys.ts'

const press = (key: string, target: KeyTarget = 'other', isChord = false) => commandOf({ key, target, isChord })

describe('keys of the player', () => {
  it.each<[string, Command | null]>([
    [' ', 'play'],
    ['k', 'play'],
    ['K', 'play'],
    ['m', 'mute'],
    ['f', 'fullscreen'],
    ['p', 'float'],
    ['s', 'settings'],
    ['i', 'statistics'],
    ['?', 'help'],
    ['End', 'live'],
    ['ArrowLeft', { seek: -5 }],
    ['j', { seek: -10 }],
    ['l', { seek: 10 }],
    ['ArrowDown', { louder: -0.05 }],
    ['x', null],
    ['Escape', null],
    ['Enter', null],
    ['toString', null],
  ])('%s is %j', (key, command) => {
    expect(press(key)).toEqual(command)
  })

  it('belong to what has the focus first: a slider, a button, a panel; and to the browser when they are chords', () => {
    for (const key of ['ArrowLeft', 'ArrowUp', 'End']) expect(press(key, 'slider')).toBeNull()
    expect([press(' ', 'button'), press('m', 'button'), press(' ', 'slider')]).toEqual([null, 'mute', 'play'])
    expect([press('m', 'panel'), press('s', 'other', true)]).toEqual([null, null])
  })
})
