/** Entry of the watch page. */
import { defineNearcastPlayer, NearcastPlayer } from '../player/NearcastPlayer.ts'
import { WatchPage } from './WatchPage.ts'

defineNearcastPlayer()
const root = document.getElementById('watch')
if (root) {
  const player = new NearcastPlayer()
  // The page's own address says what to play, and by `?ice=relay` that TURN is to be used.
  player.setAttribute('src', location.href)
  player.toggleAttribute('autoplay', true)
  WatchPage.create(root, player)
}
