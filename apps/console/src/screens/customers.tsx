// Customers: search by phone, customer id, account number or name.

import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { useRows } from '../api/client'
import type { CustomerRow } from '../api/types'
import { useFilters } from '../filters'
import { IdLink, Instant, Mono, PageHead, StateTag } from '../parts/bits'
import { ClearFilters, TextFilter } from '../parts/filters'
import { DataTable, type Column } from '../parts/table'

const names = ['q'] as const

export default function Customers() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [filters, set, clear] = useFilters(names)
  const rows = useRows('GET /v1/staff/customers', { query: filters })
  const columns: Column<CustomerRow>[] = [
    {
      key: 'name',
      title: t('customer.name'),
      fixedChoice: true,
      render: (_, c) => <strong>{c.name ?? <span className="muted">{t('customer.unnamed')}</span>}</strong>,
    },
    {
      key: 'id',
      title: t('customer.id'),
      render: (_, c) => <IdLink to={`/customers/${c.customerId}`} id={c.customerId} />,
    },
    { key: 'phone', title: t('customer.phone'), render: (_, c) => <Mono>{c.maskedPhone}</Mono> },
    {
      key: 'idNumber',
      title: t('customer.idNumber'),
      render: (_, c) => (c.maskedIdNumber ? <Mono>{c.maskedIdNumber}</Mono> : <span className="muted">—</span>),
    },
    { key: 'state', title: t('common.state'), render: (_, c) => <StateTag group="customerState" state={c.state} /> },
    { key: 'createdAt', title: t('customer.since'), render: (_, c) => <Instant at={c.createdAt} /> },
  ]
  return (
    <>
      <PageHead title={t('menu.customers')} note={t('customer.listNote')} />
      <DataTable
        id="customers"
        label={t('menu.customers')}
        rows={rows}
        columns={columns}
        rowKey={(c) => c.customerId}
        onOpen={(c) => void navigate(`/customers/${c.customerId}`)}
        empty={filters.q ? t('customer.noneFound') : t('customer.none')}
        filters={
          <>
            <TextFilter value={filters.q} onChange={(q) => set({ q })} label={t('search.placeholder')} width={360} />
            <ClearFilters shown={!!filters.q} onClear={clear} />
          </>
        }
      />
    </>
  )
}
