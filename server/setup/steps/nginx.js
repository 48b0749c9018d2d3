/** The step that brings the cache which tests and the benchmark put in front of the server: nginx, which they run themselves. */
import { findProgram, isMet } from '../Machine.js'
import { runCommand } from '../runCommand.js'
import { CACHE, missing } from '../systemPackages.js'

/** Debian's package starts a web server on port 80, which nobody asked for who wanted to test. */
async function stopService() {
  const systemctl = findProgram(['systemctl'])
  if (!systemctl) return
  // No systemd is running in a container: then there is no service either.
  await runCommand(systemctl, ['disable', '--now', 'nginx']).catch(() => {})
}

export const nginxStep = {
  title: 'nginx',

  async inspect() {
    const lacking = await missing(CACHE, isMet)
    return { ready: lacking.length === 0, detail: lacking.map(({ plain }) => plain).join(', ') }
  },

  async act(context, progress) {
    await context.machine.ensure(CACHE, progress)
    await stopService()
    return 'nginx installed'
  },
}
