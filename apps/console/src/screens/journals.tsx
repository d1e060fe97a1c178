// Journals, newest first; one opens in a drawer whose address is its own.

import { useTranslation } from 'react-i18next'
import { Link, useLocation, useNavigate, useParams } from 'react-router'
import { digitsOf, formatMinor, minorOf } from '../../../shared/money.ts'
import { useRows } from '../api/client'
import type { Journal } from '../api/types'
import { useFilters } from '../filters'
import { Amount } from '../parts/amount'
import { Day, IdLink, Instant, Mono, PageHead, Words } from '../parts/bits'
import { ChoiceFilter, ClearFilters, DatesFilter, TextFilter } from '../parts/filters'
import { JournalDrawer, recipeName, recipes } from '../parts/journal'
import { DataTable, type Column } from '../parts/table'

const names = ['kind', 'account', 'from', 'to'] as const

function debits(journal: Journal) {
  const first = journal.postings[0]
  if (!first) return null
  const currency = first.amount.currency
  const sum = journal.postings
    .filter((p) => p.side === 'debit' && p.amount.currency === currency)
    .reduce((s, p) => s + minorOf(p.amount), 0n)
  return { currency, amount: formatMinor(sum, digitsOf(currency)) }
}

function Sides({ journal, side }: { journal: Journal; side: 'debit' | 'credit' }) {
  const seen = new Map(journal.postings.filter((p) => p.side === side).map((p) => [p.glCode, p.glName]))
  return (
    <>
      {[...seen].map(([code, name]) => (
        <div key={code}>
          <span className="mono">{code}</span> <Words of={name} />
        </div>
      ))}
    </>
  )
}

export default function Journals() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { id } = useParams()
  const { search } = useLocation()
  const [filters, set, clear] = useFilters(names)
  const rows = useRows('GET /v1/staff/journals', { query: filters })
  const columns: Column<Journal>[] = [
    {
      key: 'createdAt',
      title: t('journal.createdAt'),
      fixedChoice: true,
      render: (_, j) => <Instant at={j.createdAt} />,
    },
    {
      key: 'id',
      title: t('journal.id'),
      render: (_, j) => <IdLink to={`/ledger/journals/${j.journalId}${search}`} id={j.journalId} />,
    },
    {
      key: 'kind',
      title: t('journal.kind'),
      render: (_, j) => (
        <>
          {recipeName(t as never, j.kind)}
          {j.reversalOf && (
            <div className="small">
              <Link to={`/ledger/journals/${j.reversalOf}${search}`}>{t('journal.reverses')}</Link>
            </div>
          )}
        </>
      ),
    },
    { key: 'debit', title: t('side.debit'), render: (_, j) => <Sides journal={j} side="debit" /> },
    { key: 'credit', title: t('side.credit'), render: (_, j) => <Sides journal={j} side="credit" /> },
    { key: 'amount', title: t('journal.amount'), align: 'right', render: (_, j) => <Amount value={debits(j)} /> },
    {
      key: 'bookingDate',
      title: t('journal.bookingDate'),
      extra: true,
      render: (_, j) => <Day date={j.bookingDate} />,
    },
    { key: 'valueDate', title: t('journal.valueDate'), extra: true, render: (_, j) => <Day date={j.valueDate} /> },
    {
      key: 'reference',
      title: t('journal.reference'),
      extra: true,
      render: (_, j) => (j.reference ? <Mono>{j.reference}</Mono> : '—'),
    },
  ]
  return (
    <>
      <PageHead title={t('menu.journals')} />
      <DataTable
        id="journals"
        label={t('menu.journals')}
        rows={rows}
        columns={columns}
        rowKey={(j) => j.journalId}
        openKey={id}
        onOpen={(j) => void navigate(`/ledger/journals/${j.journalId}${search}`)}
        filters={
          <>
            <ChoiceFilter
              value={filters.kind}
              onChange={(kind) => set({ kind })}
              label={t('journal.kind')}
              width={180}
              testId="filter-kind"
              options={recipes.map((value) => ({ value, label: recipeName(t as never, value) }))}
            />
            <TextFilter
              value={filters.account}
              onChange={(account) => set({ account })}
              label={t('journal.accountFilter')}
              width={220}
              testId="filter-account"
            />
            <DatesFilter from={filters.from} to={filters.to} onChange={(from, to) => set({ from, to })} />
            <ClearFilters shown={Object.keys(filters).length > 0} onClear={clear} />
          </>
        }
      />
      <JournalDrawer id={id} onClose={() => void navigate(`/ledger/journals${search}`)} />
    </>
  )
}
