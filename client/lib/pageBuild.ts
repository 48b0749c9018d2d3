/** In charge of which build of our pages this page is of. */
import { BUILD_META } from '../../shared/build.ts'

/** Null where the server did not write it into the page. */
export function pageBuild(): string | null {
  return document.querySelector<HTMLMetaElement>(`meta[name="${BUILD_META}"]`)?.content ?? null
}
