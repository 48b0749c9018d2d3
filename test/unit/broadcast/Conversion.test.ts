import { describe, expect, it } from 'vitest'
import { Conversion, httpDelivery, lackOf, type VideoRoute } from '../../../server/broadcast/Conversion.ts'
import { TranscodeSlots } from '../../../server/tap/TranscodeSlots.ts'

const [h264, vp8, vp9] = ['video/H264', 'video/VP8', 'video/VP9']

describe('Conversion', () => {
  it('copies H.264 and takes no slot for it', () => {
    const slots = new TranscodeSlots(1)
    const conversion = new Conversion(slots, () => {})
    expect([conversion.enter([]), conversion.enter([h264])]).toEqual(['copied', 'copied'])
    expect(slots.running).toBe(0)
  })

  it('holds one slot for VP8 however often it enters, and gives it back for H.264', () => {
    const slots = new TranscodeSlots(1)
    const conversion = new Conversion(slots, () => {})
    expect([conversion.enter([vp8]), conversion.enter([vp8]), slots.running]).toEqual(['converted', 'converted', 1])
    expect([conversion.enter([h264]), slots.running]).toEqual(['copied', 0])
  })

  it('waits when every slot is taken, and says when one is there', () => {
    const slots = new TranscodeSlots(1)
    const other = new Conversion(slots, () => {})
    other.enter([vp8])
    let granted = 0
    const conversion = new Conversion(slots, () => {
      granted += 1
    })
    expect(conversion.enter([vp8])).toBe('waiting')
    other.leave()
    expect({ granted, route: conversion.route([vp8]), running: slots.running }).toEqual({
      granted: 1,
      route: 'converted',
      running: 1,
    })
    conversion.leave()
    conversion.leave()
    expect([slots.running, slots.waiting]).toEqual([0, 0])
  })

  it('knows what cannot be had: other codecs, or VP8 where nothing is transcoded', () => {
    const slots = new TranscodeSlots(1)
    expect(new Conversion(slots, () => {}).enter([vp9])).toBe('impossible')
    expect(new Conversion(new TranscodeSlots(0), () => {}).enter([vp8])).toBe('impossible')
    expect(slots.running).toBe(0)
  })

  it.each<[VideoRoute, boolean, string, string | null]>([
    ['copied', true, 'ready', null],
    ['converted', false, 'preparing', null],
    ['waiting', true, 'transcoders-busy', 'transcoders-busy'],
    ['impossible', false, 'no-http-delivery', 'no-http-delivery'],
  ])('tells clients of a route %s (ready: %s) that it is %s', (route, ready, delivery, lack) => {
    expect([httpDelivery(route, ready), lackOf(route)]).toEqual([delivery, lack])
  })
})
