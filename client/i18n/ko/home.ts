/** Korean words of the home page. */
import type { home as english } from '../en/home.ts'
import type { Translated } from '../translate.ts'

export const home: Translated<typeof english> = {
  tagline: '이 탭에서 바로 방송하고 링크를 공유하세요. 링크를 열면 누구나 실시간으로 볼 수 있어요.',
  startHeading: '방송 시작하기',
  titleLabel: '제목',
  titleHint: '보는 사람 모두에게 표시돼요. 비워 두어도 괜찮아요.',
  titlePlaceholder: '어떤 방송인가요?',
  visibilityLegend: '공개 범위',
  unlisted: '일부 공개',
  unlistedHint: '링크를 아는 사람만 볼 수 있어요.',
  public: '전체 공개',
  publicHint: '방송하는 동안 이 페이지의 목록에도 나와요.',
  record: '방송 녹화',
  recordHint: '방송이 끝난 뒤에도 같은 링크로 볼 수 있어요.',
  tokenLabel: '접근 토큰',
  tokenHint: '이 서버에서 방송을 시작하려면 토큰이 필요해요. 서버 운영자에게 받으세요.',
  start: '방송 시작하기',
  starting: '준비하는 중…',
  failed: '방송을 시작하지 못했어요. {reason}',
  unreachable: '서버에 연결할 수 없어요. 네트워크를 확인하고 다시 시도하세요.',
  liveHeading: '지금 방송 중',
  nobodyLive: '지금은 공개 방송이 없어요.',
  listFailed: '목록을 불러오지 못했어요.',
  untitled: '제목 없는 방송',
  live: '라이브',
  watching: '{count}명 시청 중',
}
