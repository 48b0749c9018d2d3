/** In charge of what the parts of the element show, from what its insides say. Pure. */
import type { NearcastError } from '../../shared/errors.ts'
import type { BroadcastView } from '../../shared/signaling.ts'
import type { ControlsFacts } from './Controls.ts'
import type { FaceFacts } from './Face.ts'
import { type Appearance, appearanceOf } from './playerState.ts'
import type { Stage } from './Stage.ts'
import type { Watching } from './Watching.ts'

export interface Insides {
  /** Whether anyone asked to play: `autoplay` or a press. */
  readonly asked: boolean
  readonly hasSource: boolean
  readonly refusal: NearcastError | null
  /** Null before the server was heard. */
  readonly broadcast: BroadcastView | null
  /** Null while it does not play. */
  readonly watching: Pick<
    Watching,
    'latency' | 'hasPicture' | 'isMoving' | 'isHopeless' | 'isStranded' | 'past' | 'time' | 'canWatchAgain'
  > | null
  readonly stage: Pick<Stage, 'isMuted' | 'isSilenced' | 'isPaused' | 'volume' | 'shown'>
  readonly isFullscreen: boolean
  readonly canFullscreen: boolean
  readonly isFloating: boolean
  readonly canFloat: boolean
}

export interface PlayerView {
  readonly appearance: Appearance
  readonly face: FaceFacts
  readonly controls: ControlsFacts
}

export function viewOf(insides: Insides): PlayerView {
  const { broadcast: view, watching, stage, isFullscreen, canFullscreen, isFloating, canFloat } = insides
  const appearance = appearanceOf({
    ...insides,
    view,
    hasPicture: watching?.hasPicture ?? false,
    isMoving: watching?.isMoving ?? false,
    isPaused: stage.isPaused,
    past: watching?.past ?? null,
    isHopeless: watching?.isHopeless ?? false,
    isStranded: watching?.isStranded ?? false,
  })
  const isPlaying = appearance.state === 'playing'
  const canWatchAgain = appearance.state === 'ended' && (watching?.canWatchAgain ?? false)
  return {
    appearance,
    face: {
      appearance,
      title: view?.title ?? '',
      isCameraOff: (view?.cameraOff ?? false) && !view?.screen,
    },
    controls: {
      isLive: isPlaying && view?.state === 'live' && !watching?.past,
      isMuted: stage.isMuted,
      isSilenced: stage.isSilenced && stage.shown !== null,
      volume: stage.volume,
      isFullscreen,
      canFullscreen,
      isFloating,
      canFloat,
      needsPlay: appearance.state === 'idle' || canWatchAgain,
      isOver: canWatchAgain && appearance.message !== null,
      latency: watching?.latency ?? null,
      time: watching?.time ?? null,
      isMicrophoneOff: isPlaying && (view?.muted ?? false),
    },
  }
}
