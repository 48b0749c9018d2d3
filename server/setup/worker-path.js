/** Prints the path of the worker that the server would use, for tools outside of npm's scripts; 1 when there is none. */
import { workerCache } from './steps/worker.js'

const path = process.env.MEDIASOUP_WORKER_BIN || (await workerCache().find())?.path
if (path) console.log(path)
else console.error('no worker yet: npm start brings it')
process.exitCode = path ? 0 : 1
