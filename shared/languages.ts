/** The languages that people can read Nearcast in, and which of them suits whom. */

/** The first is for everyone who reads none of them. */
export const languages = ['en', 'ko'] as const
export type Language = (typeof languages)[number]

export function isLanguage(tag: string): tag is Language {
  return (languages as readonly string[]).includes(tag)
}

/** The first that we speak of the BCP 47 tags of `wishes`, most wanted first; a region does not matter: `ko-KR` is `ko`. */
export function chooseLanguage(wishes: readonly string[]): Language {
  const subtags = wishes.map((tag) => tag.split('-', 1)[0]?.toLowerCase() ?? '')
  return subtags.find(isLanguage) ?? languages[0]
}
