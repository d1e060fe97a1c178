// The staff routes of the bank, typed, and the query hooks over them. Every failure is a Problem.

import { useInfiniteQuery, useQuery, QueryClient, type UseQueryResult } from '@tanstack/react-query'
import { createClient, type List, type Page } from '../../../shared/api.ts'
import { currentLanguage, LANGUAGES } from '../../../shared/i18n.ts'
import { Problem } from '../../../shared/problem.ts'
import type { Routes as BankRoutes } from '../../../shared/routes.ts'

type Id = { id: string }
type Query = Record<string, string | number | undefined>

// Routes of the bank. The object in a path is always called `id`.
type Short<Name> = Name extends `${infer Before}{${string}}${infer After}` ? `${Before}{id}${After}` : Name
type WithId<Route> = Route extends { params: unknown } ? Omit<Route, 'params'> & { params: Id } : Route
export type Routes = { [Name in keyof BankRoutes as Short<Name>]: WithId<BankRoutes[Name]> }

let sessionOver = () => {}

// Called when the bank answers that the session is over; the layout registers it.
export function onSessionOver(run: () => void): void {
  sessionOver = run
}

// Whether to request the signed-in user at all: scripts cannot read the session's cookie, and without a
// session the request would be refused. Without storage the request is always made.
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
    // See mayBeSignedIn.
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

// One answer; `every`: milliseconds between repetitions of the request.
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

// A list read by cursor, in the shape that DataTable takes.
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

// The answers of these routes are requested again.
export function refresh(...names: Get[]): Promise<unknown> {
  return Promise.all(names.map((name) => queries.invalidateQueries({ queryKey: [name] })))
}
