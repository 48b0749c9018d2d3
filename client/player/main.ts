/** Entry of the player as a module for anyone's page: importing it makes the element known. See README.md. */
import { defineNearcastPlayer } from './define.ts'
import { NearcastPlayer } from './NearcastPlayer.ts'

defineNearcastPlayer()

export { NearcastPlayer }
