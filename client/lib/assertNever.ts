/** Makes switches over unions exhaustive: the compiler refuses the call when a case is missing. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`)
}
