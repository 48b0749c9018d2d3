/** In charge of who may create broadcasts: anyone who can reach the server, or who holds a token. */
import { BlockList, isIP } from 'node:net'
import { NearcastError } from '../../shared/errors.ts'
import { secretsEqual } from './keys.ts'

/** `token`: whoever shows one of these; with an empty list nobody. */
export type CreatePolicy = { readonly mode: 'open' } | { readonly mode: 'token'; readonly tokens: readonly string[] }

/**
 * Blocks that are not globally reachable: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and later).
 * Teredo, 6to4 and NAT64's well-known prefix are left out on purpose: they stand for public IPv4 addresses.
 */
const privateBlocks = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '240.0.0.0/4',
  '::1/128',
  '64:ff9b:1::/48',
  '100::/64',
  '2001:2::/48',
  '2001:db8::/32',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
] as const

const privateAddresses = makeBlockList(privateBlocks)

/** Whether an IP address is loopback or otherwise not globally routable. Names and wildcard addresses are not. */
export function isPrivateAddress(address: string): boolean {
  const bare = address.replace(/%.*$/, '')
  const version = isIP(bare)
  // `::ffff:a.b.c.d` is checked against the IPv4 blocks by BlockList itself.
  return version !== 0 && privateAddresses.check(bare, version === 4 ? 'ipv4' : 'ipv6')
}

/**
 * What `create` is when the operator did not say: `open` only while none of the addresses by which the server can be
 * reached is public. Hand in every bound address (interfaces instead of a wildcard), and the announced and public
 * names: a name other than `localhost` counts as public.
 */
export function defaultCreateMode(addresses: readonly string[]): CreatePolicy['mode'] {
  return addresses.every((address) => address === 'localhost' || isPrivateAddress(address)) ? 'open' : 'token'
}

/** Throws token-missing or wrong-token when the policy asks for a token that the request does not bring. */
export function assertMayCreate(policy: CreatePolicy, token: string | null): void {
  if (policy.mode === 'open') return
  if (token === null) throw new NearcastError('token-missing', 'A token is needed to create a broadcast here.')
  let known = false
  for (const expected of policy.tokens) known = secretsEqual(token, expected) || known
  if (!known) throw new NearcastError('wrong-token')
}

function makeBlockList(blocks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const block of blocks) {
    const [network = '', prefix = ''] = block.split('/')
    list.addSubnet(network, Number(prefix), network.includes(':') ? 'ipv6' : 'ipv4')
  }
  return list
}
