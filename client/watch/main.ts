/** Entry of the watch page. */
import { pageLanguage } from '../i18n/PageLanguage.ts'
import { defineNearcastPlayer } from '../player/define.ts'
import { NearcastPlayer } from '../player/NearcastPlayer.ts'
import { steerByPage } from '../player/pageKeys.ts'
import { addressPlayer } from '../player/playerSource.ts'
import { Renewal } from '../ui/renewal/Renewal.ts'
import { addSwitches } from '../ui/switches.ts'
import { addChatPlace } from './chatPlace.ts'
import { WatchPage } from './WatchPage.ts'

pageLanguage.declare()
defineNearcastPlayer()
const root = document.getElementById('watch')
if (root) {
  const player = new NearcastPlayer()
  addressPlayer(player, location.href)
  player.toggleAttribute('autoplay', true)
  Renewal.create(player)
  WatchPage.create(root, player)
  steerByPage(player)
  addChatPlace(root, player)
  const switches = document.getElementById('switches')
  if (switches) addSwitches(switches)
}
