/** Entry of the embed page: the player with the page's own address as its source. */
import { pageLanguage } from '../i18n/PageLanguage.ts'
import { defineNearcastPlayer } from '../player/define.ts'
import { steerByPage } from '../player/pageKeys.ts'
import { addressPlayer } from '../player/playerSource.ts'
import { Renewal } from '../ui/renewal/Renewal.ts'

pageLanguage.declare()
const player = document.querySelector('nearcast-player')
if (player) {
  addressPlayer(player, location.href)
  steerByPage(player)
  Renewal.create(player)
}
defineNearcastPlayer()
