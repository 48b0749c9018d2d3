/** Entry of the embed page: the player with the page's own address as its source. */
import { defineNearcastPlayer } from '../player/NearcastPlayer.ts'

const player = document.querySelector('nearcast-player')
player?.setAttribute('src', location.href)
player?.toggleAttribute('muted', new URLSearchParams(location.search).has('muted'))
defineNearcastPlayer()
