/** Who writes in a chat, as far as the chat needs to know: a seat, an address, and whether it is the broadcaster. */

export interface ChatAuthor {
  /** Of the seat; outlives a dropped socket. */
  readonly session: string
  /** One IPv4 address, or the network of an IPv6 one. */
  readonly address: string
  readonly isBroadcaster: boolean
}
