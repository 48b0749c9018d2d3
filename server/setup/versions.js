/** In charge of version numbers: reading them out of what programs print, and comparing them. Pure. */

/** Numbers of the first version in the text, most significant first, or undefined: 'v24.21.0' → [24, 21, 0]. */
export function parseVersion(text) {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text)
  return match ? match.slice(1).map((part) => Number(part ?? 0)) : undefined
}

/** Whether the version in `text` is at least `minimum` ('4.4'); false when there is none. */
export function atLeast(text, minimum) {
  const have = parseVersion(text)
  const want = parseVersion(minimum)
  if (!have || !want) return false
  for (let i = 0; i < 3; i++) {
    if (have[i] !== want[i]) return have[i] > want[i]
  }
  return true
}

/**
 * Version of FFmpeg from the first line of `ffmpeg -version`. Builds from git print 'N-109065-g…' without a number
 * of a release: they are newer than any minimum here, so they count as 'git'.
 */
export function ffmpegVersion(output) {
  const word = /ffmpeg version (\S+)/.exec(output)?.[1]
  if (!word) return undefined
  if (/^N-\d+/.test(word)) return 'git'
  return /\d+\.\d+(?:\.\d+)?/.exec(word)?.[0]
}
