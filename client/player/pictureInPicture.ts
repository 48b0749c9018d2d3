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
