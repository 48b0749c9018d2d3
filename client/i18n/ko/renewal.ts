/** Korean words of a page that the server has outgrown. */
import type { renewal as english } from '../en/renewal.ts'
import type { Translated } from '../translate.ts'

export const renewal: Translated<typeof english> = {
  renewing: 'Nearcast가 업데이트되었어요. 새 페이지를 불러오는 중…',
  waiting: 'Nearcast가 업데이트되었어요. 방해되지 않을 때 이 페이지를 새로 불러올게요.',
  renewed: 'Nearcast와 이 페이지가 업데이트되었어요.',
  stuck: 'Nearcast가 업데이트되었어요. 계속하려면 페이지를 새로고침하세요.',
  reload: '새로고침',
}
