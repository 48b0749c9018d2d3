/** In charge of what must come from the operating system: how to see whether it is there, and which package brings it. */

/**
 * A requirement is met by one of `programs` on the PATH, or by a library that pkg-config knows as `library`.
 * `apt` and `brew` name the package that brings it; `plain` says it in words for any other system.
 */
export const FFMPEG = [{ plain: 'FFmpeg 4.4 or newer', programs: ['ffmpeg'], apt: 'ffmpeg', brew: 'ffmpeg' }]

export const WORKER_BUILD = [
  { plain: 'a C++20 compiler', programs: ['c++', 'g++', 'clang++'], apt: 'g++', brew: 'llvm' },
  { plain: 'meson', programs: ['meson'], apt: 'meson', brew: 'meson' },
  { plain: 'ninja', programs: ['ninja'], apt: 'ninja-build', brew: 'ninja' },
  { plain: 'pkg-config', programs: ['pkg-config'], apt: 'pkg-config', brew: 'pkgconf' },
  { plain: 'flatc', programs: ['flatc'], apt: 'flatbuffers-compiler', brew: 'flatbuffers' },
  { plain: 'libuv headers', library: 'libuv', apt: 'libuv1-dev', brew: 'libuv' },
  { plain: 'OpenSSL 3 headers', library: 'libssl', apt: 'libssl-dev', brew: 'openssl@3' },
  { plain: 'libsrtp 2 headers', library: 'libsrtp2', apt: 'libsrtp2-dev', brew: 'srtp' },
  { plain: 'flatbuffers headers', library: 'flatbuffers', apt: 'libflatbuffers-dev', brew: 'flatbuffers' },
  { plain: 'abseil headers', library: 'absl_strings', apt: 'libabsl-dev', brew: 'abseil' },
]

export const BROWSERS = [
  {
    plain: 'Chromium',
    programs: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
    apt: 'chromium',
    brew: '--cask chromium',
  },
  { plain: 'Firefox', programs: ['firefox-esr', 'firefox'], apt: 'firefox-esr', brew: '--cask firefox' },
]

export const TEST_NETWORK = [
  { plain: 'coturn', programs: ['turnserver'], apt: 'coturn', brew: 'coturn' },
  // Networks that lose or block packets are made with these two; other systems leave those tests to Linux.
  { plain: 'ip (iproute2)', programs: ['ip'], apt: 'iproute2', only: 'linux' },
  { plain: 'iptables', programs: ['iptables'], apt: 'iptables', only: 'linux' },
]

/** A screen that nobody sees, for what headless browsers lack: windows. */
export const TEST_SCREEN = [{ plain: 'Xvfb', programs: ['Xvfb'], apt: 'xvfb', only: 'linux' }]

/** A cache in front of the server, which tests try and the benchmark measures. */
export const CACHE = [{ plain: 'nginx', programs: ['nginx'], apt: 'nginx', brew: 'nginx' }]

/** The requirements that `has` does not find; those of another system are left out. */
export async function missing(requirements, has, platform = process.platform) {
  const wanted = requirements.filter(({ only }) => !only || only === platform)
  const found = await Promise.all(wanted.map(has))
  return wanted.filter((_, i) => !found[i])
}

/** Which installer a machine has: 'apt' and 'brew' are known. */
export function installerOf({ platform, hasProgram }) {
  if (platform === 'darwin') return 'brew'
  if (platform === 'linux' && hasProgram('apt-get')) return 'apt'
  return 'none'
}

/** Arguments for apt-get that install the packages without a question. */
export function aptArguments(requirements) {
  const names = [...new Set(requirements.map(({ apt }) => apt))]
  return ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...names]
}

/** The one command that a person types to get everything that is missing, or words where no installer is known. */
export function installCommand(installer, requirements) {
  const names = (key) => [...new Set(requirements.map((requirement) => requirement[key]).filter(Boolean))]
  if (installer === 'apt') {
    return `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names('apt').join(' ')}`
  }
  if (installer === 'brew') {
    const casks = names('brew').filter((name) => name.startsWith('--cask '))
    const formulae = names('brew').filter((name) => !casks.includes(name))
    const commands = [
      formulae.length > 0 && `brew install ${formulae.join(' ')}`,
      casks.length > 0 && `brew install --cask ${casks.map((name) => name.slice('--cask '.length)).join(' ')}`,
    ]
    return commands.filter(Boolean).join(' && ')
  }
  return `install with your system's package manager: ${names('plain').join(', ')}`
}
