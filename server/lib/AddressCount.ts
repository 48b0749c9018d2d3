/** How many connections each address has open: counted from the first byte of a connection to its end. */

export class AddressCount {
  readonly #open = new Map<string, number>()

  of(address: string): number {
    return this.#open.get(address) ?? 0
  }

  /** Counts one more until the returned function is called; calling it twice is harmless. */
  add(address: string): () => void {
    this.#open.set(address, this.of(address) + 1)
    let isOpen = true
    return () => {
      if (!isOpen) return
      isOpen = false
      const left = this.of(address) - 1
      if (left > 0) this.#open.set(address, left)
      else this.#open.delete(address)
    }
  }
}
