/** In charge of which media source extensions a browser has, and what they can decode. */

/** Safari's, where the browser says when it wants media (iPhones since iOS 17.1); not in TypeScript's DOM library. */
export interface ManagedSource extends MediaSource {
  readonly streaming?: boolean
}

type MediaSourceClass = { new (): ManagedSource; isTypeSupported(mime: string): boolean }

/** The plain one where there is one: it lets us decide. Null where there is none. */
export function mediaSourceClass(scope: object = globalThis): MediaSourceClass | null {
  for (const name of ['MediaSource', 'ManagedMediaSource']) {
    const found: unknown = Reflect.get(scope, name)
    if (isMediaSourceClass(found)) return found
  }
  return null
}

function isMediaSourceClass(value: unknown): value is MediaSourceClass {
  return typeof value === 'function' && 'isTypeSupported' in value
}
