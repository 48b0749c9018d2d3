/** In charge of the keys of a page whose one purpose is its player: what is typed into nothing steers it. */

export function steerByPage(player: HTMLElement): void {
  document.addEventListener('keydown', (event) => {
    if (event.target !== document.body) return
    // Not taken by the player, it is still the page's, to scroll for one.
    if (!player.dispatchEvent(new KeyboardEvent('keydown', event))) event.preventDefault()
  })
}
