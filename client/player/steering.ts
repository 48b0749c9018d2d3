/** In charge of what the buttons and keys of the player do: each is one call of the element, as any page can make. */
import type { Controls } from './Controls.ts'
import type { Extras } from './Extras.ts'
import { toggleFullscreen } from './fullscreen.ts'
import { keepLoudness } from './kept.ts'
import type { Command } from './keys.ts'
import type { NearcastPlayer } from './NearcastPlayer.ts'
import { toggleFloating } from './pictureInPicture.ts'
import type { Stage } from './Stage.ts'

export interface Steered {
  readonly player: NearcastPlayer
  readonly stage: Stage
  readonly extras: Extras
}

/** For as long as the controls live. */
export function steer(controls: Controls, { player, stage, extras }: Steered): void {
  controls.on('play', () => player.play())
  controls.on('muted', (muted) => {
    // First the sound, within the click; the attribute may be as it was (sound wanted, but not allowed so far).
    stage.setMuted(muted)
    player.toggleAttribute('muted', muted)
  })
  controls.on('volume', (volume) => stage.setVolume(volume))
  for (const name of ['muted', 'volume'] as const) {
    controls.on(name, () => keepLoudness({ volume: stage.volume, muted: stage.isMuted }))
  }
  controls.time.on('back', () => player.goBack())
  controls.time.on('live', () => player.goLive())
  controls.time.on('seek', (position) => player.seek(position))
  controls.time.on('pause', () => player.togglePlay())
  controls.on('command', (command) => obey(command, player, extras))
}

function obey(command: Command, player: NearcastPlayer, extras: Extras): void {
  if (typeof command === 'object') {
    if ('seek' in command) player.seekBy(command.seek)
  } else if (command === 'play') player.togglePlay()
  else if (command === 'live') player.goLive()
  else if (command === 'fullscreen') toggleFullscreen(player, player.video)
  else if (command === 'float') toggleFloating(player.shadowRoot, player.video)
  else if (command !== 'mute') void extras.toggle(command)
}
