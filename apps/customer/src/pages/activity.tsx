import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from 'antd-mobile'
import {
  BillOutline,
  ClockCircleOutline,
  CloseCircleOutline,
  FilterOutline,
  SearchOutline,
} from 'antd-mobile-icons'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import type { Payment, Transaction } from '../../../shared/api.ts'
import { showDay } from '../../../shared/format.ts'
import { editAmount, parseMinor, formatMinor, showMoney } from '../../../shared/money.ts'
import { bank } from '../bank.ts'
import { useAccount, usePaymentOfNumber, usePending } from '../queries.ts'
import { useSettings } from '../settings.ts'
import {
  Choice,
  Empty,
  Field,
  Form,
  MainButton,
  Page,
  ProblemNote,
  Row,
  Section,
  Sheet,
  Waiting,
} from '../ui/kit.tsx'
import { tag } from '../ui/money.tsx'
import { TransactionRow } from '../ui/transaction.tsx'

const NAMES = ['q', 'direction', 'minAmount', 'maxAmount', 'from', 'to'] as const
type Filter = Record<(typeof NAMES)[number], string>

export default function Activity() {
  const { t } = useTranslation()
  const { account, isPending } = useAccount()
  const { filter, change } = useFilter()
  return (
    <Page title={t('activity.title')} testId="activity">
      <SearchLine filter={filter} onFilter={change} />
      {account && NAMES.every((name) => filter[name] === '') && <Pending />}
      {account && filter.q !== '' && <OfNumber number={filter.q} />}
      {account && (
        <Found accountId={account.accountId} filter={filter} onClear={() => change({})} />
      )}
      {!account && isPending && <Waiting lines={8} />}
      {!account && !isPending && <Empty icon={<BillOutline />} text={t('activity.none')} />}
    </Page>
  )
}

/** The address may contain any value. */
function directionOf({ direction }: Filter): 'in' | 'out' | undefined {
  return direction === 'in' || direction === 'out' ? direction : undefined
}

/** The search is part of the address, so that back, reload and shared links keep it. */
function useFilter() {
  const [query, setQuery] = useSearchParams()
  const filter = Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? ''])) as Filter
  const change = (next: Partial<Filter>) => {
    const kept = NAMES.map((name): [string, string] => [name, next[name] ?? '']).filter(
      ([, value]) => value !== '',
    )
    setQuery(new URLSearchParams(kept), { replace: true })
  }
  return { filter, change }
}

function SearchLine(props: { filter: Filter; onFilter: (filter: Partial<Filter>) => void }) {
  const { t } = useTranslation()
  const { filter, onFilter } = props
  const [text, setText] = useState(filter.q)
  const [open, setOpen] = useState(false)
  const set = NAMES.filter((name) => name !== 'q' && filter[name] !== '').length
  useEffect(() => {
    if (text === filter.q) return
    const timer = setTimeout(() => onFilter({ ...filter, q: text.trim() }), 350)
    return () => clearTimeout(timer)
    // Only typing starts the timer; the filter is read when it ends.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [text])
  return (
    <search className="search-line">
      <label className="search-box">
        <SearchOutline aria-hidden />
        <span className="only-read">{t('activity.search')}</span>
        <input
          type="search"
          value={text}
          placeholder={t('activity.search')}
          onChange={(event) => setText(event.target.value)}
          maxLength={60}
          data-testid="activity-search"
        />
      </label>
      <button
        type="button"
        className={set > 0 ? 'filter-button on' : 'filter-button'}
        onClick={() => setOpen(true)}
        data-testid="activity-filter"
      >
        <FilterOutline aria-hidden />{' '}
        {set > 0 ? t('activity.filters', { count: set }) : t('activity.filter')}
      </button>
      {open && <FilterSheet filter={filter} onFilter={onFilter} onClose={() => setOpen(false)} />}
    </search>
  )
}

function FilterSheet(props: {
  filter: Filter
  onFilter: (filter: Partial<Filter>) => void
  onClose: () => void
}) {
  const { t } = useTranslation()
  const [draft, setDraft] = useState(props.filter)
  const change = (part: Partial<Filter>) => setDraft({ ...draft, ...part })
  const changeAmount = (name: 'minAmount' | 'maxAmount') => (text: string) => {
    const edited = editAmount(text)
    if (edited !== null) change({ [name]: edited })
  }
  const faultOf = (text: string) => (text.includes(',') ? t('money.comma') : undefined)
  const apply = () => {
    if (faultOf(draft.minAmount + draft.maxAmount)) return
    const exact = (text: string) => {
      const minor = parseMinor(text.replace(/\.$/, ''))
      return minor === null ? '' : formatMinor(minor)
    }
    props.onFilter({
      ...draft,
      minAmount: exact(draft.minAmount),
      maxAmount: exact(draft.maxAmount),
    })
    props.onClose()
  }
  const clear = () => {
    props.onFilter({ q: draft.q })
    props.onClose()
  }
  return (
    <Sheet open title={t('activity.filter')} onClose={props.onClose} testId="filter-sheet">
      <Form onSubmit={apply}>
        <Choice
          label={t('activity.direction')}
          value={draft.direction}
          options={[
            { value: '', text: t('activity.both') },
            { value: 'in', text: t('money.in') },
            { value: 'out', text: t('money.out') },
          ]}
          onValue={(direction) => change({ direction })}
          testId="filter-direction"
        />
        <div className="two-fields">
          <Field
            label={t('activity.minAmount')}
            value={draft.minAmount}
            onValue={changeAmount('minAmount')}
            inputMode="decimal"
            fault={faultOf(draft.minAmount)}
            testId="filter-min-amount"
          />
          <Field
            label={t('activity.maxAmount')}
            value={draft.maxAmount}
            onValue={changeAmount('maxAmount')}
            inputMode="decimal"
            fault={faultOf(draft.maxAmount)}
            testId="filter-max-amount"
          />
        </div>
        <div className="two-fields">
          <Field
            label={t('activity.from')}
            value={draft.from}
            onValue={(from) => change({ from })}
            type="date"
            max={draft.to || undefined}
            testId="filter-from"
          />
          <Field
            label={t('activity.to')}
            value={draft.to}
            onValue={(to) => change({ to })}
            type="date"
            min={draft.from || undefined}
            testId="filter-to"
          />
        </div>
        <div className="sheet-actions">
          <Button block size="large" onClick={clear} data-testid="filter-clear">
            {t('activity.clear')}
          </Button>
          <MainButton type="submit" data-testid="filter-apply">
            {t('activity.apply')}
          </MainButton>
        </div>
      </Form>
    </Sheet>
  )
}

function Pending() {
  const { t } = useTranslation()
  const pending = usePending().data ?? []
  return <Payments title={t('activity.pending')} state="checking" items={pending} />
}

/** A payment number typed into the search finds that payment, even one without a posting. */
function OfNumber(props: { number: string }) {
  const { t } = useTranslation()
  const payment = usePaymentOfNumber(props.number).data
  if (!payment) return null
  const { transactionStatus } = payment
  const state =
    transactionStatus === 'ACSC' ? 'done' : transactionStatus === 'RJCT' ? 'failed' : 'checking'
  return <Payments title={t('activity.byNumber')} state={state} items={[payment]} />
}

const ICONS = {
  done: <BillOutline />,
  checking: <ClockCircleOutline />,
  failed: <CloseCircleOutline />,
}
const HANDLES = { done: 'payment-of-number', checking: 'pending-payment', failed: 'failed-payment' }

function Payments(props: { title: string; state: keyof typeof ICONS; items: Payment[] }) {
  const { t } = useTranslation()
  if (props.items.length === 0) return null
  return (
    <Section title={props.title} flush>
      {props.items.map((one) => (
        <Row
          key={one.paymentId}
          icon={ICONS[props.state]}
          title={t(`payment.${props.state}.${one.kind}`)}
          aside={showMoney(one.instructedAmount, tag())}
          to={`/payments/${one.paymentId}`}
          testId={HANDLES[props.state]}
        />
      ))}
    </Section>
  )
}

function Found(props: { accountId: string; filter: Filter; onClear: () => void }) {
  const { t } = useTranslation()
  const { hidden } = useSettings()
  const { accountId, filter } = props
  const found = useInfiniteQuery({
    queryKey: ['transactions', accountId, filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      bank.page('GET /v1/accounts/{accountId}/transactions', {
        params: { accountId },
        query: { ...filter, direction: directionOf(filter), limit: 20, ...(pageParam ? { cursor: pageParam } : {}) },
      }),
    getNextPageParam: (page) => page.cursor,
  })
  const end = useRef<HTMLDivElement>(null)
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = found
  useEffect(() => {
    if (!end.current || !hasNextPage || isFetchingNextPage) return
    const watcher = new IntersectionObserver(
      (seen) => seen.some((one) => one.isIntersecting) && void fetchNextPage(),
      {
        rootMargin: '300px',
      },
    )
    watcher.observe(end.current)
    return () => watcher.disconnect()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])

  if (found.isPending) return <Waiting lines={8} />
  if (found.error && !found.data)
    return <ProblemNote problem={found.error} retry={() => void found.refetch()} />
  const items = found.data?.pages.flatMap((page) => page.items) ?? []
  const filtered = NAMES.some((name) => filter[name] !== '')
  if (items.length === 0) {
    return (
      <>
        <Empty
          icon={<BillOutline />}
          text={t(filtered ? 'activity.nothingFound' : 'activity.none')}
          testId="activity-empty"
        />
        {filtered && (
          <Button
            block
            fill="none"
            color="primary"
            onClick={props.onClear}
            data-testid="activity-clear"
          >
            {t('activity.clear')}
          </Button>
        )}
      </>
    )
  }
  return (
    <div data-testid="activity-list">
      {byDay(items).map(([day, ofDay]) => (
        <Section key={day} title={showDay(day, tag())} flush>
          {ofDay.map((one) => (
            <TransactionRow key={one.transactionId} transaction={one} hidden={hidden} />
          ))}
        </Section>
      ))}
      <div ref={end} />
      {isFetchingNextPage && <Waiting lines={3} />}
      {found.error && <ProblemNote problem={found.error} retry={() => void fetchNextPage()} />}
      {hasNextPage ? (
        <Button
          block
          fill="none"
          color="primary"
          onClick={() => void fetchNextPage()}
          data-testid="activity-more"
        >
          {t('activity.more')}
        </Button>
      ) : (
        <p className="list-end">{t('activity.end')}</p>
      )}
    </div>
  )
}

function byDay(items: Transaction[]): [string, Transaction[]][] {
  const days = new Map<string, Transaction[]>()
  for (const one of items) days.set(one.bookingDate, [...(days.get(one.bookingDate) ?? []), one])
  return [...days]
}
