/** In charge of doing set-up's steps in order, each only when it is needed, alone where two runs would collide. */
import { withLock } from './Lock.js'

/**
 * A step has a `title`, `inspect(context)` → `{ready, detail}`, `act(context, progress)` → summary line, and optionally
 * `lock`: the name of the lock to hold while it acts. After a wait for the lock the step is inspected again, since the
 * other run may have done it. What a step finds or makes it leaves in the context. A failure stops the run: the steps
 * before it are done and stay done. Resolves with the number of steps that had something to do.
 */
export async function runSteps(steps, context, progress, lockPath) {
  let acted = 0
  for (const step of steps) {
    const state = await step.inspect(context)
    if (state.ready) continue
    acted++
    progress.begin(step.title, state.detail)
    if (!step.lock) {
      progress.done(await step.act(context, progress))
      continue
    }
    const onWait = (pid) => {
      progress.note(`${step.title}: another set-up (process ${pid}) is at it, waiting for it to finish`)
      progress.update(`waiting for process ${pid}`)
    }
    await withLock(lockPath(step.lock), onWait, async () => {
      const again = await step.inspect(context)
      progress.done(again.ready ? `${step.title}: ${again.detail}` : await step.act(context, progress))
    })
  }
  return acted
}
