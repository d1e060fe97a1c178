// The staff routes of the bank, typed, and the query hooks over them. Every failure is a Problem.

import { useInfiniteQuery, useQuery, QueryClient, type UseQueryResult } from '@tanstack/react-query'
import { createClient, type List, type Page } from '../../../shared/api.ts'
import { currentLanguage, LANGUAGES } from '../../../shared/i18n.ts'
import { Problem } from '../../../shared/problem.ts'
import type {
  Account,
  AuditEntry,
  BalancesAt,
  Bank,
  BusinessDate,
  Case,
  CaseFile,
  Change,
  ChangeKind,
  Company,
  CompanyFile,
  Customer360,
  CustomerRow,
  Dashboard,
  GlAccount,
  InvitationHalf,
  Job,
  Journal,
  Limit,
  OutboxMessage,
  Parameter,
  Payment,
  PaymentAlert,
  PaymentDetail,
  Role,
  Said,
  Seal,
  Staff,
  StaffUser,
  Transaction,
  TrialBalance,
  Verification,
  WorkQueue,
} from './types'

type Id = { id: string }
type Query = Record<string, string | number | undefined>

export interface Routes {
  'GET /v1/bank': { answer: Bank }
  'POST /v1/staff/sessions': { body: { login: string; password: string; totp: string }; answer: { staff: Staff } }
  'DELETE /v1/staff/sessions/current': { answer: undefined }
  'GET /v1/staff/me': { answer: Staff }
  'GET /v1/staff/dashboard': { answer: Dashboard }
  'GET /v1/staff/customers': { query: Query; answer: List<CustomerRow> }
  'GET /v1/staff/customers/{id}': { params: Id; answer: Customer360 }
  'POST /v1/staff/customers/{id}/reveals': {
    params: Id
    body: { field: 'idNumber' | 'phone'; reason: string }
    answer: { value: string }
  }
  'GET /v1/staff/accounts/{id}': { params: Id; answer: Account }
  'GET /v1/staff/accounts/{id}/balances': { params: Id; query: { at: string }; answer: BalancesAt }
  'GET /v1/staff/accounts/{id}/limits': { params: Id; answer: List<Limit> }
  'GET /v1/staff/accounts/{id}/transactions': { params: Id; query: Query; answer: List<Transaction> }
  'GET /v1/staff/payments': { query: Query; answer: List<Payment> }
  'GET /v1/staff/payments/{id}': { params: Id; answer: PaymentDetail }
  'POST /v1/staff/payments/{id}/queries': { params: Id; answer: Payment }
  'GET /v1/staff/payment-alerts': { query: Query; answer: List<PaymentAlert> }
  'POST /v1/staff/payment-alerts/{id}/closure': { params: Id; body: { note: string }; answer: undefined }
  'GET /v1/staff/gl-accounts': { answer: List<GlAccount> }
  'GET /v1/staff/trial-balance': { query: { date?: string; currency?: string }; answer: TrialBalance }
  'GET /v1/staff/journals': { query: Query; answer: List<Journal> }
  'GET /v1/staff/journals/{id}': { params: Id; answer: Journal }
  'GET /v1/staff/jobs': { answer: List<Job> }
  'GET /v1/staff/business-date': { answer: BusinessDate }
  'POST /v1/staff/end-of-day-runs': { body: { businessDate: string; dryRun: boolean }; answer: unknown }
  'GET /v1/staff/outbox': { query: Query; answer: List<OutboxMessage> }
  'POST /v1/staff/outbox/{id}/retries': { params: Id; answer: undefined }
  'GET /v1/staff/audit-log': { query: Query; answer: List<AuditEntry> }
  'GET /v1/staff/audit-log/verification': { answer: Verification }
  'GET /v1/staff/seals': { query: Query; answer: List<Seal> }
  'GET /v1/staff/users': { query: Query; answer: List<StaffUser> }
  'POST /v1/staff/users': {
    body: { login: string; name: string; roles: Role[] }
    answer: StaffUser & { invitation: InvitationHalf }
  }
  'POST /v1/staff/users/{id}/invitations': { params: Id; answer: InvitationHalf }
  'POST /v1/staff/enrolments': {
    body: { link: string; code: string }
    answer: { login: string; name: string; totpUri: string }
  }
  'POST /v1/staff/enrolments/completion': {
    body: { link: string; code: string; password: string; totp: string }
    answer: undefined
  }
  'PUT /v1/staff/me/password': {
    body: { password: string; totp: string; newPassword: string }
    answer: undefined
  }
  'POST /v1/staff/me/totp': { body: { password: string; totp: string }; answer: { totpUri: string } }
  'POST /v1/staff/me/totp/confirmation': { body: { totp: string }; answer: undefined }
  'PATCH /v1/staff/users/{id}': {
    params: Id
    body: { state: 'disabled' }
    answer: StaffUser
  }
  'GET /v1/staff/work': { answer: { queues: WorkQueue[] } }
  'GET /v1/staff/changes': { query: Query; answer: List<Change> }
  'GET /v1/staff/changes/{id}': { params: Id; answer: Change }
  'POST /v1/staff/changes': {
    body: { kind: ChangeKind; object: string; after: Said; reason: string }
    answer: Change
  }
  'POST /v1/staff/changes/{id}/decisions': {
    params: Id
    body: { decision: 'approve' | 'refuse' | 'withdraw'; reason: string }
    answer: Change
  }
  'GET /v1/staff/parameters': { answer: List<Parameter> }
  'GET /v1/staff/cases': { query: Query; answer: List<Case> }
  'GET /v1/staff/cases/{id}': { params: Id; answer: CaseFile }
  'POST /v1/staff/cases/{id}/claims': { params: Id; answer: Case }
  'DELETE /v1/staff/cases/{id}/claims/current': { params: Id; answer: undefined }
  'POST /v1/staff/cases/{id}/decisions': {
    params: Id
    body: { decision: 'approve' | 'refuse'; reason: string; note: string }
    answer: Case
  }
  'GET /v1/staff/companies': { query: Query; answer: List<Company> }
  'GET /v1/staff/companies/{id}': { params: Id; answer: CompanyFile }
  'POST /v1/staff/companies/{id}/claims': { params: Id; answer: CompanyFile }
  'POST /v1/staff/companies/{id}/decisions': {
    params: Id
    body: { decision: 'approve' | 'refuse'; note: string }
    answer: CompanyFile
  }
}

let sessionOver = () => {}

// The layout says what happens when the bank no longer knows the session.
export function onSessionOver(run: () => void): void {
  sessionOver = run
}

// Whether it is worth asking who is signed in: scripts cannot see the session's cookie, and the
// question of a stranger would be refused. A browser without storage always asks.
const SIGNED_IN = 'console.signed-in'

export function mayBeSignedIn(): boolean {
  try {
    return localStorage.getItem(SIGNED_IN) !== null
  } catch {
    return true
  }
}

export function rememberSignedIn(yes: boolean): void {
  try {
    if (yes) localStorage.setItem(SIGNED_IN, 'yes')
    else localStorage.removeItem(SIGNED_IN)
  } catch {
    // see mayBeSignedIn
  }
}

export const client = createClient<Routes>({
  language: () => LANGUAGES[currentLanguage()],
  onSessionOver: () => sessionOver(),
})

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && error instanceof Problem && error.unknown,
    },
  },
})

type Get = Extract<keyof Routes, `GET ${string}`>
type Answer<N extends keyof Routes> = Routes[N]['answer']
type Item<N extends keyof Routes> = Answer<N> extends List<infer I> ? I : never
interface Asked {
  params?: Id
  query?: Query
}
interface Settings<T> {
  every?: number | ((value: T | undefined) => number | false)
  enabled?: boolean
}

// One answer. `every` asks again after so many milliseconds.
export function useAnswer<N extends Get>(
  name: N,
  asked: Asked = {},
  settings: Settings<Answer<N>> = {},
): UseQueryResult<Answer<N>> {
  const { every } = settings
  return useQuery<Answer<N>>({
    queryKey: [name, asked.params?.id ?? '', asked.query ?? {}],
    queryFn: ({ signal }) => client.call(name as never, { ...asked, signal } as never) as Promise<Answer<N>>,
    refetchInterval: typeof every === 'function' ? (query) => every(query.state.data) : every,
    enabled: settings.enabled,
  })
}

// A list by cursor, in the shape that DataTable takes.
export function useRows<N extends Get>(name: N, asked: Asked = {}, limit = 50) {
  const query = { ...asked.query, limit }
  const result = useInfiniteQuery({
    queryKey: [name, asked.params?.id ?? '', query, 'rows'],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      client.page(
        name as never,
        {
          ...asked,
          query: { ...query, cursor: pageParam },
          signal,
        } as never,
      ) as Promise<Page<Item<N>>>,
    getNextPageParam: (last: Page<Item<N>>) => last.cursor,
  })
  return {
    items: result.data?.pages.flatMap((page) => page.items),
    error: result.error,
    loading: result.isLoading,
    refetch: () => void result.refetch(),
    hasMore: result.hasNextPage,
    loadMore: () => void result.fetchNextPage(),
    loadingMore: result.isFetchingNextPage,
  }
}

// Answers of these routes are asked again.
export function refresh(...names: Get[]): Promise<unknown> {
  return Promise.all(names.map((name) => queries.invalidateQueries({ queryKey: [name] })))
}
