/** Music mode: what is asked of the microphone, what is negotiated, and two channels at the far end, whatever the way. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBroadcast, goLive, waitForPlayer, waitForStudio, watch } from '../../helpers/broadcast.ts'
import { launchChromium } from '../../helpers/browsers.ts'
import { clockCameraScript } from '../../helpers/clockCamera.ts'
import { expectNothingLeft, type Snapshot, snapshot } from '../../helpers/leaks.ts'
import { type AnyPage, callSource, evaluate, pictureElement } from '../../helpers/page.ts'
import { startServer } from '../../helpers/server.ts'
import type { Captures } from '../../helpers/tone.ts'
import {
  expectKept,
  expectMoving,
  isSamePage,
  markPage,
  noteStandstills,
  smallCameraScript,
  transportHistory,
} from '../../helpers/viewing.ts'
import { waitFor } from '../../helpers/waitFor.ts'
import { witnessScript } from '../../helpers/witness.ts'

let before: Snapshot
beforeEach(() => {
  before = snapshot()
})
afterEach(() => expectNothingLeft(before))

/** Hertz of the tones that the microphone hears left and right. */
const TONES = [1000, 400]

/** A microphone that hears another tone on each side. */
const stereoMicrophone = `{
  const devices = navigator.mediaDevices
  const open = devices.getUserMedia.bind(devices)
  devices.getUserMedia = async (wanted) => {
    const stream = await open(wanted)
    if (!wanted.audio) return stream
    const audio = new AudioContext()
    const sides = new ChannelMergerNode(audio, { numberOfInputs: 2 })
    const out = new MediaStreamAudioDestinationNode(audio)
    const tones = ${JSON.stringify(TONES)}
    tones.forEach((frequency, side) => {
      const tone = new OscillatorNode(audio, { frequency })
      tone.connect(new GainNode(audio, { gain: 0.4 })).connect(sides, 0, side)
      tone.start()
    })
    sides.connect(out)
    for (const track of stream.getAudioTracks()) stream.removeTrack(track)
    for (const track of out.stream.getAudioTracks()) stream.addTrack(track)
    return stream
  }
}`

/** Notes the audio tracks that the page is given. */
const noteMicrophones = `{
  const devices = navigator.mediaDevices
  const open = devices.getUserMedia.bind(devices)
  globalThis.microphonesOfTest = []
  devices.getUserMedia = async (wanted) => {
    const stream = await open(wanted)
    microphonesOfTest.push(...stream.getAudioTracks())
    return stream
  }
}`

describe('music mode', () => {
  it('takes the microphone as it sounds, and is remembered', async () => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const studio = await browser.newPage([noteMicrophones])
    const open = () => studio.goto(`${server.url}/studio/${created.id}#key=${created.publishKey}`)
    const settings = () => evaluate<MediaTrackSettings>(studio, 'microphonesOfTest.at(-1)?.getSettings()')
    await open()
    await waitForStudio(studio, 'preview')
    expect(await settings()).toMatchObject({ echoCancellation: true, noiseSuppression: true, autoGainControl: true })
    await studio.check('#music')
    const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 2 }
    await expect.poll(settings).toMatchObject(plain)
    expect(await evaluate<string[]>(studio, 'microphonesOfTest.map((track) => track.readyState)')).toEqual([
      'ended',
      'live',
    ])

    await studio.reload()
    await waitForStudio(studio, 'preview')
    expect(await studio.isChecked('#music')).toBe(true)
    expect(await settings()).toMatchObject(plain)
    expect(browser.problems).toEqual([])
  })

  it('is switched on while live: viewers over WebRTC and over HTTP get two channels, and go on as they were', async () => {
    await using server = await startServer({ workers: 1 })
    await using browser = await launchChromium()
    const created = await createBroadcast(server.url)
    const scripts = [witnessScript(), clockCameraScript(), smallCameraScript, stereoMicrophone]
    const studio = await goLive(browser, server.url, created, scripts)
    await expect.poll(() => negotiated(studio)).toMatchObject({ stereo: '0', maxaveragebitrate: '64000' })
    const realTime = await watch(browser, server.url, created.id)
    const smooth = await watch(browser, server.url, created.id, '?prefer=smooth')
    await waitForPlayer(realTime, { state: 'playing', transport: 'webrtc' })
    await waitForPlayer(smooth, { state: 'playing', transport: 'llhls' })
    await markPage(realTime)
    await noteStandstills(realTime)
    // One channel holds both tones, on both sides.
    await waitFor('voice is heard in one channel', async () => sameOnBothSides(await heard(realTime)))

    await studio.check('#music')
    await waitFor('stereo is negotiated', async () => (await negotiated(studio)).stereo === '1')
    expect(await negotiated(studio)).toMatchObject({ maxaveragebitrate: '128000' })
    for (const viewer of [realTime, smooth]) {
      await waitFor('each side has its own tone', async () => {
        const [left, right] = await heard(viewer)
        return left !== undefined && right !== undefined && isAlone(left, 0) && isAlone(right, 1)
      })
    }
    await expectMoving(realTime, 'webrtc')
    await expectMoving(smooth, 'llhls')
    await expectKept(realTime, 'webrtc')
    expect(await isSamePage(realTime)).toBe(true)
    expect(await transportHistory(smooth)).toEqual(['llhls'])
    expect(browser.problems).toEqual([])
  })
})

/** What the server's side asked of Opus for the sound that is sent now. */
async function negotiated(studio: AnyPage): Promise<Record<string, string>> {
  return evaluate(studio, callSource(readFormat))
}

/** Runs in the page; refers to nothing outside itself but the witness. */
function readFormat(): Record<string, string> {
  const { connections } = (globalThis as unknown as { witness: { connections: RTCPeerConnection[] } }).witness
  const sending = connections.find(({ connectionState }) => connectionState === 'connected')
  const sdp = sending?.remoteDescription?.sdp ?? ''
  const section = sdp.split('\r\nm=').findLast((part) => part.startsWith('audio') && !/a=inactive/.test(part)) ?? ''
  const format = /a=fmtp:\d+ (\S+)/.exec(section)?.[1] ?? ''
  return Object.fromEntries(format.split(';').map((pair) => pair.split('=') as [string, string]))
}

/** Decibels of each tone of `TONES`, side by side: left, right. */
async function heard(viewer: AnyPage): Promise<number[][]> {
  return evaluate(viewer, callSource(listen, pictureElement, JSON.stringify(TONES)))
}

function isAlone(levels: number[], tone: number): boolean {
  return (levels[tone] ?? 0) > -60 && (levels[tone] ?? 0) - (levels[1 - tone] ?? 0) > 20
}

function sameOnBothSides([left = [], right = []]: number[][]): boolean {
  return TONES.every((_, tone) => (left[tone] ?? -999) > -60 && Math.abs((left[tone] ?? 0) - (right[tone] ?? 0)) < 3)
}

interface CapturableElement extends HTMLVideoElement {
  captureStream(): MediaStream
}

/** Runs in the page; refers to nothing outside itself. */
async function listen(element: CapturableElement, tones: number[]): Promise<number[][]> {
  // All streams are kept, for the reason that `Captures` tells.
  const page = globalThis as { capturesOfTest?: Captures }
  page.capturesOfTest ??= { of: new Map(), all: [] }
  const captures = page.capturesOfTest
  const capture = () => {
    const stream = element.captureStream()
    captures.of.set(element, stream)
    captures.all.push(stream)
    return stream
  }
  const captured = captures.of.get(element)
  const stream = element.srcObject instanceof MediaStream ? element.srcObject : (captured ?? capture())
  const tracks = stream.getAudioTracks().filter((track) => track.readyState === 'live')
  if (tracks.length === 0) return []
  const audio = new AudioContext()
  const splitter = new ChannelSplitterNode(audio, { numberOfOutputs: 2 })
  audio.createMediaStreamSource(new MediaStream(tracks)).connect(splitter)
  const sides = [0, 1].map((side) => {
    const analyser = new AnalyserNode(audio, { fftSize: 8192, smoothingTimeConstant: 0 })
    splitter.connect(analyser, side)
    return analyser
  })
  await new Promise<void>((enough) => setTimeout(enough, 500))
  const bin = audio.sampleRate / 8192
  const levels = sides.map((analyser) => {
    const spectrum = new Float32Array(analyser.frequencyBinCount)
    analyser.getFloatFrequencyData(spectrum)
    return tones.map((tone) =>
      Math.max(-200, ...spectrum.subarray(Math.round(tone / bin) - 2, Math.round(tone / bin) + 3)),
    )
  })
  await audio.close()
  // A stream that was captured may have stayed behind when its element began anew.
  if (levels.flat().every((level) => level < -60)) captures.of.delete(element)
  return levels
}
