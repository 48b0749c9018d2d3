/** What this browser can receive over WebRTC, and why it cannot: mediasoup-client's device. */
import { Device, detectDeviceAsync, type types } from 'mediasoup-client'
import { Chrome74 } from 'mediasoup-client/handlers/Chrome74'
import { Chrome111 } from 'mediasoup-client/handlers/Chrome111'
import { Firefox120 } from 'mediasoup-client/handlers/Firefox120'
import { Safari12 } from 'mediasoup-client/handlers/Safari12'
import { NearcastError } from '../../shared/errors.ts'
import type { RtpCapabilities } from '../../shared/rtp.ts'
import type { Failure } from './policyState.ts'

/** Named as mediasoup-client names a browser that it cannot handle. Thrown where there is no RTCPeerConnection. */
export class UnsupportedBrowser extends Error {
  override readonly name = 'UnsupportedError'
}

interface HandlerClass {
  createFactory(options: types.HandlerFactoryOptions): types.HandlerFactory
}

/** What mediasoup-client's own device chooses from. */
const HANDLERS: Partial<Record<types.BuiltinHandlerName, HandlerClass>> = {
  Chrome74,
  Chrome111,
  Firefox120,
  Safari12,
}

let receiving: Promise<types.HandlerFactory> | null = null

/**
 * Finds out what can be received, which takes the browser a connection of its own: to be called while the server is still
 * being asked. Once a page: it stays true.
 */
export function prepareDevice(): void {
  if (typeof RTCPeerConnection === 'function') capabilities().catch(() => {})
}

/** @throws an error for which `failureOf` says `browser` where there is nothing for this browser. */
export async function loadDevice(routerRtpCapabilities: RtpCapabilities): Promise<Device> {
  const device = await Device.factory({ handlerFactory: await capabilities() })
  await device.load({ routerRtpCapabilities: routerRtpCapabilities as types.RtpCapabilities })
  return device
}

function capabilities(): Promise<types.HandlerFactory> {
  receiving ??= findOut().catch((error: unknown) => {
    // The next attempt may fare better.
    receiving = null
    throw error
  })
  return receiving
}

async function findOut(): Promise<types.HandlerFactory> {
  const name = await detectDeviceAsync()
  const handler = name && HANDLERS[name]
  if (!handler) throw new UnsupportedBrowser('mediasoup-client knows no handler for this browser')
  const factory = handler.createFactory({})
  const received = await factory.getNativeRtpCapabilities({ direction: 'recvonly' })
  return {
    ...factory,
    // Who only receives need not ask what could be sent.
    getNativeRtpCapabilities: async ({ direction }) =>
      direction === 'recvonly' ? received : { codecs: [], headerExtensions: [] },
  }
}

/** What an error of a negotiation means for the attempt. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Error && error.name === 'UnsupportedError') return 'browser'
  if (!(error instanceof NearcastError)) return 'connection'
  return error.code === 'no-common-codec' ? 'codec' : error.code === 'no-seat' ? 'seat' : 'connection'
}
