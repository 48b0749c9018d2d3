/** In charge of recordings over the API: the public list, one as a file, deleting one. */
import express from 'express'
import { NearcastError } from '../../shared/errors.ts'
import { bearerToken } from '../auth/bearer.ts'
import type { BroadcastDirectory } from './BroadcastDirectory.ts'
import { assertKey, broadcastId, MAX_LISTED, notAllowed } from './broadcastRoutes.ts'

/** Making a long recording into a file takes as long as the disk needs for it twice. Milliseconds. */
const MAKING_TIME = 1_800_000
/** What a shared link may show of a name: no separators, nothing that a file system refuses. */
const UNSAFE = /[\p{Cc}\p{Cf}\\/:*?"<>|]+/gu

/** To be mounted at the API's root. */
export function recordingRoutes(directory: BroadcastDirectory): express.Router {
  const router = express.Router()
  router.get('/recordings', (_req, res) => {
    res.json({ broadcasts: directory.listPublicRecordings().slice(0, MAX_LISTED) })
  })
  router.all('/recordings', notAllowed('GET, HEAD'))

  router.get('/broadcasts/:id/recording.mp4', async (req, res, next) => {
    const id = broadcastId(req)
    const { title } = directory.facts(id)
    const idle = req.socket.timeout ?? 0
    req.socket.setTimeout(MAKING_TIME)
    const path = await directory
      .recordingFile(id, { token: bearerToken(req.headers.authorization) })
      .finally(() => req.socket.setTimeout(idle))
    res.attachment(fileName(title, id))
    res.type('video/mp4')
    // The path is ours, and may lead through a folder such as `.data`.
    res.sendFile(path, { dotfiles: 'allow', cacheControl: false }, (error) => {
      if (error && !res.headersSent) next(new NearcastError('no-recording'))
    })
  })
  router.all('/broadcasts/:id/recording.mp4', notAllowed('GET, HEAD'))

  router.delete('/broadcasts/:id/recording', async (req, res) => {
    assertKey(directory, req)
    await directory.deleteRecording(broadcastId(req))
    res.status(204).end()
  })
  router.all('/broadcasts/:id/recording', notAllowed('DELETE'))
  return router
}

function fileName(title: string, id: string): string {
  const safe = title.replaceAll(UNSAFE, ' ').replace(/^[. ]+|[. ]+$/g, '')
  return `${safe === '' ? `nearcast-${id}` : safe}.mp4`
}
