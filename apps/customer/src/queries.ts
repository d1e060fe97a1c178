import { QueryCache, QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'
import { balanceOf, type Account, type Customer, type Payment } from '../../shared/api.ts'
import { setBankTimeZone } from '../../shared/format.ts'
import { Problem } from '../../shared/problem.ts'
import { bank, isReachable, onSessionOver, watchReach, type Consent } from './bank.ts'
import {
  changeSettings,
  forgetBalance,
  mayBeSignedIn,
  rememberBalance,
  rememberSignedIn,
} from './settings.ts'

const KNOCK_MS = 8_000

let askAnew = () => {}

/**
 * Called when the bank refuses a request because the session rests; the step-up sheet asks for the pass
 * code.
 */
export function onResting(ask: () => void) {
  askAnew = ask
}

export const queries = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (error instanceof Problem && error.slug === 'session-rests') askAnew()
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A stated refusal does not change on repetition; a lost answer may.
      retry: (count, error) =>
        navigator.onLine && count < 2 && error instanceof Problem && error.unknown,
      // A second component with the same failed query must not start the loop again; each error has a
      // button, and a restored network repeats queries by itself.
      retryOnMount: false,
      refetchOnReconnect: true,
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
})

onSessionOver(() => {
  if (queries.getQueryData(['me']) !== null) leave()
})

/** Deletes all data of the signed-in customer from memory and storage. */
export function leave() {
  forgetBalance()
  rememberSignedIn(false)
  queries.removeQueries({
    predicate: (query) => !['bank', 'me', 'consentTexts'].includes(String(query.queryKey[0])),
  })
  queries.setQueryData(['me'], null)
}

export function arrive(customer: Customer) {
  rememberSignedIn(true)
  queries.setQueryData(['me'], customer)
}

/** data: the customer, or null if nobody is signed in; error: the bank could not be reached. */
export function useMe() {
  return useQuery({
    queryKey: ['me'],
    queryFn: async (): Promise<Customer | null> => {
      if (!mayBeSignedIn()) return null
      try {
        return await bank.call('GET /v1/me')
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 401) throw error
        rememberSignedIn(false)
        return null
      }
    },
    staleTime: 60_000,
  })
}

export function useBank() {
  return useQuery({
    queryKey: ['bank'],
    queryFn: async () => {
      const answer = await bank.call('GET /v1/bank')
      changeSettings({ bankName: answer.name })
      setBankTimeZone(answer.timeZone)
      return answer
    },
    staleTime: 300_000,
  })
}

export function useConsentTexts() {
  return useQuery({
    queryKey: ['consentTexts'],
    queryFn: async () => (await bank.call('GET /v1/consent-texts')).items,
    staleTime: 300_000,
  })
}

export function useConsents() {
  return useQuery({
    queryKey: ['consents'],
    queryFn: async () => (await bank.call('GET /v1/consents')).items,
  })
}

/** The newest decision of this customer on a purpose. */
export function latestWord(words: Consent[], purpose: string): Consent | undefined {
  return words
    .filter((one) => one.purpose === purpose)
    .sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? 1 : -1))[0]
}

export function useVerification(enabled = true) {
  return useQuery({
    queryKey: ['verification'],
    enabled,
    queryFn: () => bank.call('GET /v1/me/verification'),
  })
}

export function useAccounts() {
  return useQuery({
    queryKey: ['accounts'],
    queryFn: async () => {
      const { items } = await bank.call('GET /v1/accounts')
      const main = mainAccount(items)
      if (main) rememberBalance(balanceOf(main, 'interimBooked'))
      return items
    },
  })
}

const BY_WEIGHT = ['I', 'II', 'payment', 'III']

/** Default account: open before closed, then the highest class. */
export function mainAccount(accounts: Account[] | undefined): Account | undefined {
  const weight = (one: Account) =>
    (one.state === 'closed' ? 10 : 0) + (BY_WEIGHT.indexOf(one.class) + 1 || 9)
  return accounts?.toSorted((a, b) => weight(a) - weight(b))[0]
}

export function useAccount() {
  const accounts = useAccounts()
  return { ...accounts, account: mainAccount(accounts.data) }
}

export function useCards() {
  return useQuery({
    queryKey: ['cards'],
    queryFn: async () =>
      (await bank.call('GET /v1/cards')).items.filter((card) => card.state === 'bound'),
  })
}

export function useLimits(accountId: string | undefined) {
  return useQuery({
    queryKey: ['limits', accountId],
    enabled: accountId !== undefined,
    queryFn: async () =>
      (
        await bank.call('GET /v1/accounts/{accountId}/limits', {
          params: { accountId: accountId ?? '' },
        })
      ).items,
  })
}

/** Payments without a final result, wherever they were ordered. */
export function usePending() {
  return useQuery({
    queryKey: ['pending'],
    queryFn: async (): Promise<Payment[]> =>
      (await bank.call('GET /v1/payments', { query: { status: 'PDNG', limit: 20 } })).items,
  })
}

/** The payment with this number; none if this customer has no such payment. */
export function usePaymentOfNumber(text: string) {
  const number = text.replace(/\s/g, '')
  return useQuery({
    queryKey: ['payment', number],
    enabled: /^[0-9]{12,19}$/.test(number),
    retry: false,
    queryFn: () => bank.call('GET /v1/payments/{paymentId}', { params: { paymentId: number } }),
  })
}

export function isSettled(payment: Payment): boolean {
  return payment.transactionStatus === 'ACSC' || payment.transactionStatus === 'RJCT'
}

export function useRecent(accountId: string | undefined) {
  return useQuery({
    queryKey: ['transactions', accountId, 'recent'],
    enabled: accountId !== undefined,
    queryFn: async () =>
      (
        await bank.call('GET /v1/accounts/{accountId}/transactions', {
          params: { accountId: accountId ?? '' },
          query: { limit: 5 },
        })
      ).items,
  })
}

export function useSessions() {
  return useQuery({
    queryKey: ['sessions'],
    queryFn: async () => (await bank.call('GET /v1/sessions')).items,
  })
}

export function useUnread() {
  return useQuery({
    queryKey: ['messages', 'unread'],
    queryFn: async () => {
      const { items } = await bank.call('GET /v1/messages', { query: { limit: 50 } })
      return items.filter((message) => !message.readAt).length
    },
  })
}

/** After a payment: balances, limits, activity and messages are requested again. */
export function useMoneyMoved() {
  const client = useQueryClient()
  return () => {
    for (const name of ['accounts', 'limits', 'transactions', 'pending', 'messages', 'payment']) {
      void client.invalidateQueries({ queryKey: [name] })
    }
  }
}

/** False without a network and while the bank does not answer. */
export function useOnline(): boolean {
  return useSyncExternalStore(watchReach, isReachable)
}

/** Without an answer, retries every few seconds; then all visible data are requested again. */
export function useKnocking(online: boolean) {
  useEffect(() => {
    if (online) return
    const timer = setInterval(() => {
      void bank.call('GET /v1/bank').then(
        () => queries.refetchQueries({ type: 'active' }),
        () => undefined,
      )
    }, KNOCK_MS)
    return () => clearInterval(timer)
  }, [online])
}
