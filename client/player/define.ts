/** In charge of the name under which pages know the player. */
import { NearcastPlayer } from './NearcastPlayer.ts'

/** Makes the element known to the page; harmless when it is already. */
export function defineNearcastPlayer(): void {
  if (!customElements.get('nearcast-player')) customElements.define('nearcast-player', NearcastPlayer)
}
