/** In charge of the changes that the worker's source needs to build and run against the distribution's libraries; pure. */

/** Counts up when a patch or a file under subprojects/ changes what the binary does: it is part of the cache's key. */
export const PATCH_REVISION = 1

/** Debian 12 has meson 1.0.1; upstream asks for 1.1.0 and uses nothing that 1.0 lacks. */
const MESON = {
  file: 'meson.build',
  from: /meson_version: '>= 1\.1\.0'/,
  to: "meson_version: '>= 1.0.0'",
}

/**
 * Distributions build libssl with kernel TLS. The BIO callback compares the operation with BIO_CB_RETURN by equality
 * where it is a bit (BIO_set_callback(3)), so it answers 1 to every control call, libssl believes that kernel TLS is on,
 * allocates no write buffer, and the worker dies of SIGSEGV at the first ClientHello.
 */
const BIO = {
  file: 'src/RTC/DtlsTransport.cpp',
  from: /\(operationType == BIO_CB_RETURN\)/,
  to: '((operationType & BIO_CB_RETURN) != 0)',
}

export const PATCHES = [MESON, BIO]

/** The text with the patch applied; throws when its place is not there exactly once, as in another release. */
export function applyPatch(patch, text) {
  const pieces = text.split(patch.from)
  if (pieces.length !== 2) throw new Error(`${patch.file} is not the file that the patch is for`)
  return pieces.join(patch.to)
}
