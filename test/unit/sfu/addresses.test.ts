import type { NetworkInterfaceInfo } from 'node:os'
import { describe, expect, it } from 'vitest'
import { listenInfos, localAddresses, networkAddress } from '../../../server/sfu/addresses.ts'

function info(address: string, internal = false): NetworkInterfaceInfo {
  const base = { address, netmask: '', mac: '', internal, cidr: null }
  return address.includes(':') ? { ...base, family: 'IPv6', scopeid: 0 } : { ...base, family: 'IPv4' }
}

const interfaces = {
  lo: [info('127.0.0.1', true), info('::1', true)],
  eth0: [info('192.168.1.7'), info('fd00::7'), info('fe80::1')],
  wlan0: [info('10.0.0.3')],
}

describe('the addresses of the SFU', () => {
  it('are every non-internal one and 127.0.0.1, without link-local IPv6', () => {
    expect(localAddresses(interfaces)).toEqual(['192.168.1.7', 'fd00::7', '10.0.0.3', '127.0.0.1'])
  })

  it('are loopback alone on a machine without network', () => {
    expect(localAddresses({ lo: interfaces.lo })).toEqual(['127.0.0.1'])
    expect(networkAddress({ lo: interfaces.lo })).toBeNull()
  })

  it('share one port number for UDP and TCP, UDP first', () => {
    const infos = listenInfos(interfaces, null, 44400)
    expect(infos.map(({ protocol }) => protocol)).toEqual([...Array(4).fill('udp'), ...Array(4).fill('tcp')])
    expect(new Set(infos.map(({ port }) => port))).toEqual(new Set([44400]))
  })

  it('are one wildcard socket a protocol when an address is announced', () => {
    expect(listenInfos(interfaces, 'live.example.org', 44401)).toEqual([
      { protocol: 'udp', ip: '0.0.0.0', announcedAddress: 'live.example.org', port: 44401 },
      { protocol: 'tcp', ip: '0.0.0.0', announcedAddress: 'live.example.org', port: 44401 },
    ])
  })

  it('give people an address that others can open', () => {
    expect(networkAddress(interfaces)).toBe('192.168.1.7')
  })
})
