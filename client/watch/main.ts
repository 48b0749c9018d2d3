/** Entry of the watch page. */
import { defineNearcastPlayer, NearcastPlayer } from '../player/NearcastPlayer.ts'
import { addressPlayer } from '../player/playerSource.ts'
import { WatchPage } from './WatchPage.ts'

defineNearcastPlayer()
const root = document.getElementById('watch')
if (root) {
  const player = new NearcastPlayer()
  addressPlayer(player, location.href)
  player.toggleAttribute('autoplay', true)
  WatchPage.create(root, player)
}
