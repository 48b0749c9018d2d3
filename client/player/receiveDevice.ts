/** What this browser can receive over WebRTC, and why it cannot: mediasoup-client's device. */
import { Device, type types } from 'mediasoup-client'
import { NearcastError } from '../../shared/errors.ts'
import type { RtpCapabilities } from '../../shared/rtp.ts'
import type { Failure } from './policyState.ts'

/** Named as mediasoup-client names a browser that it cannot handle. Thrown where there is no RTCPeerConnection. */
export class UnsupportedBrowser extends Error {
  override readonly name = 'UnsupportedError'
}

/** @throws an error for which `failureOf` says `browser` where there is nothing for this browser. */
export async function loadDevice(routerRtpCapabilities: RtpCapabilities): Promise<Device> {
  const device = await Device.factory()
  await device.load({ routerRtpCapabilities: routerRtpCapabilities as types.RtpCapabilities })
  return device
}

/** What an error of a negotiation means for the attempt. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Error && error.name === 'UnsupportedError') return 'browser'
  if (!(error instanceof NearcastError)) return 'connection'
  return error.code === 'no-common-codec' ? 'codec' : error.code === 'no-seat' ? 'seat' : 'connection'
}
