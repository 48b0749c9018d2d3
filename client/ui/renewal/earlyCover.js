/** Runs before anything else of a page that takes the place of another: its last picture is seen at once. See Cover.ts. */
try {
  const { picture, box, at } = JSON.parse(sessionStorage.getItem('nearcast-carried') ?? '{}')
  if (picture && box && Date.now() - at < 30_000) {
    const cover = document.createElement('div')
    cover.className = 'renewal-cover'
    cover.setAttribute('aria-hidden', 'true')
    const image = document.createElement('img')
    image.alt = ''
    image.src = picture
    cover.append(image)
    for (const side of ['left', 'top', 'width', 'height']) cover.style[side] = `${box[side]}px`
    document.documentElement.append(cover)
  }
} catch {
  // Storage is forbidden: then nothing was carried either.
}
