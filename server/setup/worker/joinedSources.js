/** In charge of compiling small source files of the worker together: each alone parses the same headers for seconds; pure. */

/**
 * Folders below `src/` whose files can be one translation unit: 86 of 261 files, and nearly all of the time they take, since
 * each spends five seconds on headers and a moment on itself. Others define the same names at file scope.
 */
export const JOINED_FOLDERS = [
  'RTC/RTCP',
  'RTC/RtpDictionaries',
  'RTC/SCTP/packet/chunks',
  'RTC/SCTP/packet/errorCauses',
  'RTC/SCTP/packet/parameters',
]

/**
 * Puts one file in the place of all that meson.build lists of a folder.
 *
 * @returns {{ meson: string, file: string, text: string }} meson.build as it is to be; the path of the new file from the
 * worker's folder; what is in it
 * @throws when the folder is not listed, as in another release
 */
export function joinSources(meson, folder) {
  const listed = new RegExp(`^ *'src/(${folder}/[^/']+\\.cpp)',\\n`, 'gm')
  // By name: template specialisations in RTCP's Feedback.cpp must come before the files that use them.
  const names = [...meson.matchAll(listed)].map((match) => match[1]).sort()
  if (names.length < 2) throw new Error(`meson.build lists no files of ${folder}`)
  const file = `src/joined-${folder.replaceAll('/', '-')}.cpp`
  let isFirst = true
  const joined = meson.replace(listed, () => {
    const line = isFirst ? `  '${file}',\n` : ''
    isFirst = false
    return line
  })
  // Each file names itself by this macro and expects it to be free.
  const text = names.map((name) => `#include "${name}"\n#undef MS_CLASS\n`).join('')
  return { meson: joined, file, text }
}
