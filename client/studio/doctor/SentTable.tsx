/** What is really sent: each layer and the sound, and by what it is made and carried. */
import type { LayerVitals, Vitals } from './vitals.ts'
import { limitedWords, pathWords, t } from './words.ts'

export function SentTable({ vitals }: { vitals: Vitals }) {
  const { sound, source } = vitals
  return (
    <div class="stack-tight small numbers">
      <table>
        <thead>
          <tr>
            <th scope="col">{t('layer')}</th>
            <th scope="col">{t('frames')}</th>
            <th scope="col">{t('rate')}</th>
            <th scope="col">{t('keyFrames')}</th>
          </tr>
        </thead>
        <tbody>
          {vitals.layers.map((layer) => (
            <LayerRow key={layer.rid} layer={layer} />
          ))}
          {sound && (
            <tr id="sent-sound">
              <th scope="row">{t(sound.isStereo ? 'soundStereo' : 'soundMono')}</th>
              <td />
              <td>{kilobits(sound.bitrate)}</td>
              <td />
            </tr>
          )}
        </tbody>
      </table>
      <dl class="facts">
        <Fact id="fact-encoder" name={t('encoder')}>
          {t('encoderText', { codec: codecName(vitals.videoCodec), encoder: vitals.encoder ?? t('encoderUnknown') })}
        </Fact>
        {source && (
          <Fact id="fact-source" name={t('source')}>
            {t('sourceText', { size: `${source.size.width}×${source.size.height}`, rate: source.frameRate })}
          </Fact>
        )}
        <Fact id="fact-bframes" name={t('bFrames')}>
          {t('bFramesText')}
        </Fact>
        <Fact id="fact-limited" name={t('limited')}>
          {limitedWords(vitals.limited)}
        </Fact>
        <Fact id="fact-path" name={t('path')}>
          {pathWords(vitals.path)}
        </Fact>
        <Fact id="fact-loss" name={t('network')}>
          {t('networkText', {
            ms: vitals.roundTrip ?? '–',
            loss: Math.round(vitals.loss * 1000) / 10,
            uplink: vitals.uplink === null ? '–' : Math.round(vitals.uplink / 100_000) / 10,
          })}
        </Fact>
      </dl>
    </div>
  )
}

function Fact({ id, name, children }: { id: string; name: string; children: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd id={id}>{children}</dd>
    </>
  )
}

function LayerRow({ layer: { rid, size, frameRate, bitrate, keyFrameGap } }: { layer: LayerVitals }) {
  return (
    <tr data-layer={rid} data-bitrate={bitrate}>
      <th scope="row">{size ? `${size.width}×${size.height}` : '–'}</th>
      <td>{bitrate > 0 ? t('perSecond', { value: frameRate }) : ''}</td>
      <td>{kilobits(bitrate)}</td>
      <td>{keyFrameGap === null ? '–' : t('seconds', { value: keyFrameGap })}</td>
    </tr>
  )
}

function kilobits(bitrate: number): string {
  return bitrate > 0 ? t('kilobits', { value: Math.round(bitrate / 1000) }) : t('off')
}

/** As people write them. */
function codecName(codec: string | null): string {
  return codec === null ? '–' : codec === 'H264' ? 'H.264' : codec
}
