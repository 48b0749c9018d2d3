/** Korean words of the watch page. */
import type { watch as english } from '../en/watch.ts'
import type { Translated } from '../translate.ts'

export const watch: Translated<typeof english> = {
  pageTitle: '{title} · Nearcast',
  untitled: '제목 없는 방송',
  watching: '{count}명 시청 중',
  share: '링크 복사',
  copied: '링크를 복사했어요',
  copyFailed: '주소창에서 복사하세요',
  stateIdle: '방송 전',
  stateLive: '라이브',
  stateInterrupted: '연결 끊김',
  stateEnded: '방송 종료',
  recorded: '녹화 영상',
  recordedHint: '방송이 끝나 녹화 영상을 보여 드려요.',
  realtime: '실시간',
  realtimeHint: 'WebRTC로 바로 받아 1초도 늦지 않아요.',
  smooth: '안정 재생',
  smoothHint: 'HTTP로 몇 초 늦게 받는 대신 어떤 네트워크에서도 재생돼요.',
  unknownHeading: '그런 방송이 없어요',
  unknownText: '링크가 잘렸거나 방송이 삭제되었을 수 있어요. 링크를 보낸 사람에게 새 링크를 받으세요.',
  home: '직접 방송 시작하기',
}
