/** Entry of the embed page: the player with the page's own address as its source. */
import { defineNearcastPlayer } from '../player/NearcastPlayer.ts'
import { addressPlayer } from '../player/playerSource.ts'

const player = document.querySelector('nearcast-player')
if (player) addressPlayer(player, location.href)
defineNearcastPlayer()
