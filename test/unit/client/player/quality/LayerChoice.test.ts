import { beforeEach, describe, expect, it } from 'vitest'
import { Emitter } from '../../../../../client/lib/Emitter.ts'
import { LayerChoice, type LayerChoiceOptions } from '../../../../../client/player/quality/LayerChoice.ts'
import { Wish } from '../../../../../client/player/quality/Wish.ts'

const rung = (layer: number, height: number) => ({ id: `v${layer}`, width: (height * 16) / 9, height })
const box = (height: number) => ({ width: (height * 16) / 9, height })

/** As much of a session as is asked for. */
class FakeSession extends Emitter<{ change: [] }> {
  readonly asked: unknown[] = []
  view = { rungs: [] as ReturnType<typeof rung>[], converted: false }
  request = (name: string, params: unknown) => {
    this.asked.push([name, params])
    return Promise.resolve(null)
  }
  tell(view: Partial<FakeSession['view']>): void {
    this.view = { ...this.view, ...view }
    this.emit('change')
  }
}

let session: FakeSession
let wish: Wish
beforeEach(() => {
  session = new FakeSession()
  wish = new Wish()
})

const choose = (scalabilityMode?: string) =>
  new LayerChoice({
    session: session as unknown as LayerChoiceOptions['session'],
    wish,
    consumer: {
      id: 'c1',
      rtpParameters: { codecs: [], encodings: [scalabilityMode ? { scalabilityMode } : {}] },
    } as unknown as LayerChoiceOptions['consumer'],
  })
const layers = () => session.asked.map((each) => (each as [string, { layer: number }])[1].layer)

describe('LayerChoice', () => {
  it('asks for nothing while the top is wanted, and for each layer once', () => {
    choose('L3T1')
    wish.box = box(1000)
    expect(session.asked).toEqual([])
    wish.box = box(300)
    wish.box = box(310)
    wish.quality = 180
    wish.quality = 'auto'
    wish.box = box(900)
    expect(layers()).toEqual([1, 0, 1, 2])
    expect(session.asked[0]).toEqual(['watch:consumer:layer', { consumerId: 'c1', layer: 1 }])
  })

  it('asks at once for less, and again when it learns how large the layers are', () => {
    wish.box = box(360)
    const choice = choose('L3T1')
    session.tell({ rungs: [rung(0, 360), rung(1, 720)] })
    session.tell({ rungs: [rung(0, 360), rung(1, 720)] })
    expect(layers()).toEqual([1, 0])
    expect(choice.sizes.map(({ height }) => height)).toEqual([360, 720, 1440])
  })

  it('takes of a transcoded ladder only the size of the top', () => {
    const choice = choose('L2T1')
    session.tell({ converted: true, rungs: [rung(0, 270), rung(1, 480), rung(2, 720)] })
    expect(choice.sizes.map(({ height }) => height)).toEqual([360, 720])
  })

  it('leaves a single stream, and everything once closed, alone', () => {
    wish.quality = 180
    choose()
    const choice = choose('L2T1')
    choice.close()
    wish.quality = 'auto'
    expect(layers()).toEqual([0])
  })
})
