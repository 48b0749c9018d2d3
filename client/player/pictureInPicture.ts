/** In charge of a small window that shows one video element: it has to follow when another one gets the picture. */

/** Whether the element is in the small window. */
export function isInWindow(video: HTMLVideoElement): boolean {
  const root = video.getRootNode()
  return (root instanceof ShadowRoot || root instanceof Document) && root.pictureInPictureElement === video
}

/**
 * Gives the small window to the next element, when the former has it. Browsers want no press for that while the document
 * has one (Picture-in-Picture, 4.1). Resolves with whether it did; never rejects.
 */
export async function followWindow(former: HTMLVideoElement, next: HTMLVideoElement): Promise<boolean> {
  if (!isInWindow(former)) return false
  try {
    await next.requestPictureInPicture()
    return true
  } catch {
    return false
  }
}

export function mayFloat(video: HTMLVideoElement | null): boolean {
  return video !== null && document.pictureInPictureEnabled && typeof video.requestPictureInPicture === 'function'
}

/** Whether it is a picture of this shadow tree that floats. */
export function isFloating(root: ShadowRoot | null): boolean {
  return root?.pictureInPictureElement != null
}

/** Needs a click or a key press. A browser that refuses leaves everything as it is. */
export function toggleFloating(root: ShadowRoot | null, video: HTMLVideoElement | null): void {
  if (isFloating(root)) document.exitPictureInPicture().catch(() => {})
  else if (mayFloat(video)) video?.requestPictureInPicture().catch(() => {})
}
