/** In charge of full screen: the whole element where it can be, the bare video on iPhones, which know nothing else. */

/** Safari on iPhones; not in TypeScript's DOM library. */
interface IphoneVideo extends HTMLVideoElement {
  webkitEnterFullscreen?(): void
}

export function isFullscreen(host: HTMLElement): boolean {
  return document.fullscreenElement === host
}

export function mayGoFullscreen(host: HTMLElement, video: IphoneVideo | null): boolean {
  return typeof host.requestFullscreen === 'function'
    ? document.fullscreenEnabled
    : video?.webkitEnterFullscreen !== undefined
}

/** Needs a click or a key press. A browser that refuses leaves everything as it is. */
export function toggleFullscreen(host: HTMLElement, video: IphoneVideo | null): void {
  if (isFullscreen(host)) document.exitFullscreen().catch(() => {})
  else if (typeof host.requestFullscreen === 'function') host.requestFullscreen().catch(() => {})
  else video?.webkitEnterFullscreen?.()
}
