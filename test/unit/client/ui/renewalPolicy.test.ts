import { describe, expect, it } from 'vitest'
import { decideRenewal, type RenewalFacts } from '../../../../client/ui/renewal/renewalPolicy.ts'

const now = 1_000_000
const same: RenewalFacts = { pageBuild: 'a', serverBuild: 'a', isRefused: false, isBusy: false, renewed: null, now }
const old: RenewalFacts = { ...same, serverBuild: 'b' }
const refused: RenewalFacts = { ...same, serverBuild: null, isRefused: true }

describe('a page left open over an update', () => {
  it.each<[string, RenewalFacts, string]>([
    ['stays while the server has the same build', same, 'stay'],
    ['stays before the server was heard', { ...old, serverBuild: null }, 'stay'],
    ['stays where nobody told it its build', { ...old, pageBuild: null }, 'stay'],
    ['is loaded again for another build', old, 'renew'],
    ['is not loaded again while that would disturb', { ...old, isBusy: true }, 'wait'],
    ['is loaded again when it is refused, since there is nothing to lose', { ...refused, isBusy: true }, 'renew'],
    ['is not loaded in a circle', { ...old, renewed: { build: 'b', at: now - 5_000 } }, 'tell'],
    ['is not loaded in a circle when it is refused', { ...refused, renewed: { build: null, at: now - 5_000 } }, 'tell'],
    [
      'is loaded again when the next update refuses it',
      { ...refused, renewed: { build: 'a', at: now - 5_000 } },
      'renew',
    ],
    ['is loaded again for the next update', { ...old, renewed: { build: 'a', at: now - 5_000 } }, 'renew'],
    ['is loaded again for the same reason a while later', { ...old, renewed: { build: 'b', at: 0 } }, 'renew'],
  ])('%s', (_what, facts, decision) => {
    expect(decideRenewal(facts)).toBe(decision)
  })
})
