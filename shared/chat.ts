/**
 * What people say to each other around a broadcast: which texts and names there may be, the requests, and the numbered
 * events that everyone gets in the same order, by whatever way.
 */
import * as v from 'valibot'

/** UTF-16 units a message may have, tidied. With a name it stays below the 4 KiB of a data channel's message. */
export const MAX_CHAT_TEXT = 500

/** UTF-16 units a name may have, tidied. */
export const MAX_CHAT_NAME = 32

/** Longest slow mode, seconds between two messages of one viewer. */
export const MAX_SLOW_MODE = 300

/** All there is to tap; the pages draw them. */
export const reactions = ['heart', 'clap', 'laugh', 'wow', 'party'] as const
export type Reaction = (typeof reactions)[number]

/**
 * What nobody can see, or what turns the text around it: controls, lone surrogates, private use, and what Unicode lets
 * renderers ignore (bidirectional controls, invisible letters, tags). Emoji and some scripts need joiners and selectors.
 */
const unseen = /(?!\u200c|\u200d|\ufe0e|\ufe0f)[\p{Cc}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu

/** Joiners and the empty braille cell, which only make two names look alike. */
const blank = /\u200c|\u200d|\u2800/g

/** More marks on one letter than any script has run into the lines above and below. */
const towers = /(\p{M}{4})\p{M}+/gu

/** One line of visible characters: white space is one space, nothing turns or hides text. */
export function tidyText(raw: string): string {
  const line = raw.normalize('NFC').replace(/\s+/gu, ' ').replace(unseen, '')
  return line.replace(towers, '$1').replace(/ +/g, ' ').trim()
}

/** The same for a name, in which joiners would only make two names look alike. */
export function tidyName(raw: string): string {
  return tidyText(raw.replace(blank, ''))
}

/** Names that would pass for whoever runs the broadcast. The mark beside a name says who that is, and is no text. */
const reserved = new Set([
  'admin',
  'administrator',
  'broadcaster',
  'host',
  'moderator',
  'nearcast',
  'system',
  '관리자',
  '방송자',
  '운영자',
  '진행자',
])

/** Whether a tidied name has anything to read in it and is nobody else's. */
export function isChatName(name: string): boolean {
  const letters = name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
  const isReadable = letters !== '' || /\p{Extended_Pictographic}/u.test(name)
  return isReadable && name.length <= MAX_CHAT_NAME && !reserved.has(letters)
}

const text = v.pipe(
  v.string(),
  v.maxLength(4 * MAX_CHAT_TEXT),
  v.transform(tidyText),
  v.minLength(1),
  v.maxLength(MAX_CHAT_TEXT),
)
const name = v.pipe(v.string(), v.maxLength(4 * MAX_CHAT_NAME), v.transform(tidyName), v.maxLength(MAX_CHAT_NAME))
/** Made by the client for each message, so that one sent again after a lost answer is not said twice. */
const key = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{8,36}$/))
const number = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
/** Takes part from now on, and gets what it lacks: everything at first, later what a gap left out. */
export const chatReadSchema = v.strictObject({
  /** Of an earlier answer: what `after` counts in. */
  run: v.nullable(v.pipe(v.string(), v.maxLength(32))),
  /** The last number that was received in one piece. */
  after: number,
})
export const chatSendSchema = v.strictObject({ key, name, text })
export const chatReactSchema = v.strictObject({ reaction: v.picklist(reactions) })
export const chatSaySchema = v.strictObject({ key, text })
/** A message, by its number. */
export const chatMessageSchema = v.strictObject({ number })
export const chatPersonSchema = v.strictObject({ who: number })
export const chatRulesSchema = v.strictObject({ enabled: v.boolean(), slow: v.pipe(number, v.maxValue(MAX_SLOW_MODE)) })

/** `off`: the broadcaster switched it off. `over`: the broadcast has ended. */
export type ChatState = 'open' | 'off' | 'over'

export interface ChatRules {
  readonly state: ChatState
  /** Seconds between two messages of one viewer; 0 is off. */
  readonly slow: number
}

export interface ChatMessage {
  readonly kind: 'message'
  readonly number: number
  /** Milliseconds since the Unix epoch, on the server's clock. */
  readonly at: number
  /** The same for all messages of one person in this broadcast; 0 is the broadcaster. */
  readonly who: number
  /** Empty for the broadcaster, whom the pages call so in their language. */
  readonly name: string
  readonly text: string
}

/** These messages are to be seen no more. */
export interface ChatRemoval {
  readonly kind: 'removed'
  readonly number: number
  readonly messages: readonly number[]
}

export interface ChatRulesChange extends ChatRules {
  readonly kind: 'rules'
  readonly number: number
}

/** What all people tapped within a quarter of a second. Not kept: nobody asks for it later. */
export interface ChatReactions {
  readonly kind: 'reactions'
  readonly number: number
  readonly counts: Readonly<Partial<Record<Reaction, number>>>
}

/** One order for all: numbers grow by one. Whoever gets one twice drops it; whoever lacks one reads. */
export type ChatEvent = ChatMessage | ChatRemoval | ChatRulesChange | ChatReactions

/** Events that are kept for those who come later. */
export type KeptChatEvent = ChatMessage | ChatRemoval

export interface BlockedPerson {
  readonly who: number
  readonly name: string
}

/** All that was missing up to `last`. */
export interface ChatReading {
  /** Which numbering `last` belongs to: another one after the server was started again. */
  readonly run: string
  readonly last: number
  /** False: what the reader had is not a beginning of this, so that it begins anew. */
  readonly continues: boolean
  readonly events: readonly KeptChatEvent[]
  readonly rules: ChatRules
  /** The reader may not write. */
  readonly blocked: boolean
  /** For the broadcaster. */
  readonly blockedPeople: readonly BlockedPerson[]
}

export interface ChatAnswers {
  'chat:read': ChatReading
  'chat:send': { number: number }
  'chat:react': null
  'chat:say': { number: number }
  'chat:delete': null
  'chat:block': BlockedPerson
  'chat:unblock': null
  'chat:configure': null
}

export interface ChatNotices {
  /** To everyone who reads the chat and has no data channel. */
  chat: ChatEvent
  /** To the viewer it is about. */
  'chat:blocked': { blocked: boolean }
}
