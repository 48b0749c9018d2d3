/** In charge of where the picture is seen: in the page, over all of it, or in a window of its own; and where it could be. */
import { isFullscreen, mayGoFullscreen } from './fullscreen.ts'
import { isFloating, mayFloat } from './pictureInPicture.ts'

export function whereShown(host: HTMLElement, video: HTMLVideoElement | null) {
  return {
    isFullscreen: isFullscreen(host),
    canFullscreen: mayGoFullscreen(host, video),
    isFloating: isFloating(host.shadowRoot),
    canFloat: mayFloat(video),
  }
}
