/** RTP and RTCP of a real worker, received in this process. */
import { createSocket } from 'node:dgram'
import { createWorker, type types } from 'mediasoup'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { mediaCodecs } from '../../../server/sfu/codecs.ts'
import { bareCapabilities } from '../../../server/tap/bareCapabilities.ts'
import { LoopbackRtp } from '../../../server/tap/LoopbackRtp.ts'
import { findFreePorts } from '../../helpers/freePorts.ts'
import { Vp8Sender } from '../../helpers/Vp8Sender.ts'
import { waitFor } from '../../helpers/waitFor.ts'

let worker: types.Worker
let router: types.Router

beforeAll(async () => {
  worker = await createWorker({ logLevel: 'error' })
})

beforeEach(async () => {
  router = await worker.createRouter({ mediaCodecs })
})

afterAll(() => worker.close())

describe('LoopbackRtp', () => {
  it('tells RTP from sender reports, and lets nobody else in', async () => {
    const sender = await Vp8Sender.create(router, [{ width: 160, height: 90, rate: 10 }])
    const line = await LoopbackRtp.create(router)
    const stranger = createSocket('udp4')
    try {
      const consumer = await line.transport.consume({
        producerId: sender.producer.id,
        rtpCapabilities: bareCapabilities(sender.producer.consumableRtpParameters),
      })
      const ssrc = consumer.rtpParameters.encodings?.[0]?.ssrc
      const came = { rtp: new Set<number>(), rtcp: new Set<number>() }
      line.on('rtp', (packet) => came.rtp.add(packet.readUInt32BE(8)))
      line.on('rtcp', (packet) => came.rtcp.add(packet.readUInt32BE(4)))
      const to = line.transport.tuple.remotePort
      if (to === undefined) throw new Error('the transport is not connected')
      const forged = Buffer.alloc(40, 0x80)
      await new Promise((sent) => stranger.send(forged, to, '127.0.0.1', sent))
      sender.begin()
      await waitFor('media and reports came', () => came.rtp.size > 0 && came.rtcp.size > 0)
      expect([[...came.rtp], [...came.rtcp]]).toEqual([[ssrc], [ssrc]])
    } finally {
      stranger.close()
      line.close()
      sender.close()
    }
  })

  it('says that its router is gone', async () => {
    const line = await LoopbackRtp.create(router)
    const closed = new Promise<string>((resolve) => line.on('closed', resolve))
    router.close()
    expect(await closed).toBe('transport closed')
    expect(line.transport.closed).toBe(true)
    line.close()
  })

  it('leaves nothing behind where the SFU has no port', async () => {
    const port = await findFreePorts(1)
    const line = await LoopbackRtp.create(router, { min: port, max: port })
    await expect(LoopbackRtp.create(router, { min: port, max: port })).rejects.toThrow(/port/)
    const { transportIds } = await router.dump()
    expect(transportIds).toEqual([line.transport.id])
    line.close()
  })
})
