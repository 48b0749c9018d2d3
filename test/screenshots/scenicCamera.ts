/** In charge of a camera that is pleasant to look at: a sun that sets over hills, for pictures of the pages. */

/** The source of a script that replaces `getUserMedia` of a page; sound is the browser's own fake microphone. */
export const scenicCameraScript = `(${replaceCamera.toString()})()`

/** Runs in the page; refers to nothing outside itself. */
function replaceCamera(): void {
  const devices = navigator.mediaDevices
  const open = devices?.getUserMedia.bind(devices)
  if (!open) return
  const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 })
  const context = canvas.getContext('2d')
  const draw = (): void => {
    if (!context) return
    const { width, height } = canvas
    const sky = context.createLinearGradient(0, 0, 0, height * 0.75)
    for (const [at, colour] of [
      [0, '#1f2f5c'],
      [0.55, '#a3453f'],
      [0.8, '#cf5c3a'],
      [1, '#e6a05f'],
    ] as const) {
      sky.addColorStop(at, colour)
    }
    context.fillStyle = sky
    context.fillRect(0, 0, width, height)
    context.fillStyle = '#ffe7b0'
    context.beginPath()
    context.arc(width * 0.48, height * 0.55 + 20 * Math.sin(performance.now() / 4000), 95, 0, 7)
    context.fill()
    const hills = [
      ['#5f2b3a', 0.62, 40, 210],
      ['#34203a', 0.7, 34, 160],
      ['#171428', 0.82, 46, 260],
    ] as const
    for (const [colour, level, rise, length] of hills) {
      context.fillStyle = colour
      context.beginPath()
      context.moveTo(0, height)
      for (let x = 0; x <= width; x += 8) context.lineTo(x, height * level - rise * Math.sin(x / length + level * 9))
      context.lineTo(width, height)
      context.fill()
    }
  }
  setInterval(draw, 1000 / 15)
  draw()
  devices.getUserMedia = async (wanted) => {
    const real = await open(wanted)
    const camera = real.getVideoTracks()[0]
    if (!camera) return real
    camera.stop()
    return new MediaStream([...canvas.captureStream(15).getVideoTracks(), ...real.getAudioTracks()])
  }
}
