/** In charge of which figures there are, in the order of product.md, "How fast it must be". */

import { clockCameraScript } from '../helpers/clockCamera.ts'
import { withoutCodecScript } from '../helpers/codecs.ts'
import { measureCapacity } from './measure/capacity.ts'
import { measureCpu } from './measure/cpu.ts'
import { measureFailures } from './measure/failures.ts'
import { measureFirstFrame } from './measure/firstFrame.ts'
import { measureFirstPart } from './measure/firstPart.ts'
import { measureGlassToGlass } from './measure/glassToGlass.ts'
import { measureHealing } from './measure/healing.ts'
import { measureInStep } from './measure/inStep.ts'
import { measureMemory } from './measure/memory.ts'
import { measureReaders } from './measure/readers.ts'
import { measureUdpDeath } from './measure/udpDeath.ts'
import type { Figure, Outcome } from './report.ts'
import type { BenchContext } from './Stand.ts'

export interface Row extends Figure {
  /** Rejects when the figure cannot be measured; null while what it measures is not built. */
  readonly measure: ((context: BenchContext) => Promise<Outcome>) | null
}

const overWebRtc = { transport: 'webrtc', query: '' } as const
/** The best that a viewer has whose browser, or whose network, has no WebRTC. */
const overMse = { transport: 'mse', query: '', scripts: ['delete globalThis.RTCPeerConnection'] } as const
const overLlHls = { transport: 'llhls', query: '?prefer=smooth' } as const

export const rows: readonly Row[] = [
  {
    key: 'webrtc',
    title: 'glass to glass, WebRTC',
    unit: 'ms',
    floor: { p50: 250, p95: 400 },
    goal: { p50: 100, p95: 160 },
    measure: (context) => measureGlassToGlass(context, overWebRtc),
  },
  {
    key: 'mse',
    title: 'glass to glass, MSE over WebSocket',
    unit: 'ms',
    floor: { p50: 1000, p95: 1500 },
    goal: { p50: 450, p95: 700 },
    measure: (context) => measureGlassToGlass(context, overMse),
  },
  {
    key: 'llhls',
    title: 'glass to glass, LL-HLS by hls.js',
    unit: 'ms',
    floor: { p50: 2000, p95: 3000 },
    goal: { p50: 1200, p95: 1700 },
    measure: (context) => measureGlassToGlass(context, overLlHls),
  },
  {
    key: 'first-webrtc',
    title: 'first frame after opening the link, WebRTC',
    unit: 'ms',
    floor: { p50: 1000 },
    goal: { p50: 350 },
    measure: (context) => measureFirstFrame(context, overWebRtc),
  },
  {
    key: 'first-llhls',
    title: 'first frame after opening the link, LL-HLS',
    unit: 'ms',
    floor: { p50: 1500 },
    goal: { p50: 700 },
    measure: (context) => measureFirstFrame(context, overLlHls),
  },
  {
    key: 'part',
    title: 'first playable HLS part after Go live is confirmed',
    unit: 'ms',
    floor: { p50: 3000 },
    goal: { p50: 1200 },
    measure: measureFirstPart,
  },
  {
    key: 'udp',
    title: 'UDP dies mid-play → picture moves again',
    unit: 'ms',
    floor: { p50: 4000 },
    goal: { p50: 1500 },
    measure: measureUdpDeath,
  },
  {
    key: 'heal',
    title: 'network heals → back on WebRTC',
    unit: 'ms',
    floor: { p50: 15_000 },
    goal: { p50: 5000 },
    measure: measureHealing,
  },
  {
    key: 'sync',
    title: 'viewers in step on WebRTC, MSE and hls.js: how far apart',
    unit: 'ms',
    floor: { p50: 100, p95: 100 },
    goal: { p50: 50, p95: 100 },
    measure: measureInStep,
  },
  {
    key: 'failures',
    title: 'what a viewer sees of failures',
    unit: 'ms',
    floor: null,
    goal: null,
    measure: measureFailures,
  },
  {
    key: 'cpu',
    title: 'CPU of one three-rung broadcast, no viewers',
    unit: '%',
    floor: { p50: 10 },
    goal: { p50: 4 },
    measure: (context) => measureCpu(context),
  },
  {
    key: 'cpu-transcoded',
    title: 'CPU of the same broadcast sent in VP8, transcoded into three rungs',
    unit: '%',
    floor: null,
    goal: null,
    measure: (context) => measureCpu(context, [clockCameraScript({ full: true }), withoutCodecScript('H264')]),
  },
  {
    key: 'memory',
    title: 'memory one live broadcast adds',
    unit: 'MB',
    floor: { p50: 100 },
    goal: { p50: 60 },
    measure: measureMemory,
  },
  {
    key: 'readers',
    title: 'hls.js and FFmpeg reading along',
    unit: 'ms',
    floor: null,
    goal: null,
    measure: measureReaders,
  },
  {
    key: 'capacity',
    title: 'LL-HLS viewers of one server process',
    unit: 'ms',
    floor: null,
    goal: null,
    measure: (context) => measureCapacity(context, false),
  },
  {
    key: 'capacity-nginx',
    title: 'LL-HLS viewers of one server process behind nginx',
    unit: 'ms',
    floor: null,
    goal: null,
    measure: (context) => measureCapacity(context, true),
  },
]
