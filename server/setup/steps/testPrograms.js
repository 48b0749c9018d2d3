/** The step that brings what only tests and benchmarks need: two browsers and a screen, a TURN server, a packet filter. */
import { findProgram, isMet } from '../Machine.js'
import { BROWSERS, missing, TEST_NETWORK, TEST_SCREEN } from '../systemPackages.js'

export const TEST_PROGRAMS = [...BROWSERS, ...TEST_NETWORK, ...TEST_SCREEN]

/** Where the browsers are, under the names of the variables that tests read. */
function testEnvironment() {
  const [chromium, firefox] = BROWSERS.map(({ programs }) => findProgram(programs))
  return { NEARCAST_TEST_CHROMIUM: chromium, NEARCAST_TEST_FIREFOX: firefox }
}

export const testProgramsStep = {
  title: 'browsers and coturn',

  async inspect(context) {
    const lacking = await missing(TEST_PROGRAMS, isMet)
    Object.assign(context.env, testEnvironment())
    return { ready: lacking.length === 0, detail: lacking.map(({ plain }) => plain).join(', ') }
  },

  async act(context, progress) {
    await context.machine.ensure(TEST_PROGRAMS, progress)
    Object.assign(context.env, testEnvironment())
    return 'browsers and coturn installed'
  },
}
