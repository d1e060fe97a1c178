// Payments of all customers, newest first.

import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { useRows } from '../api/client'
import type { Payment } from '../api/types'
import { useFilters } from '../filters'
import { useStaff } from '../layout/shell'
import { Amount } from '../parts/amount'
import { IdLink, Instant, Mono, PageHead, StateTag } from '../parts/bits'
import { ChoiceFilter, ClearFilters, DatesFilter, TextFilter } from '../parts/filters'
import { DataTable, type Column } from '../parts/table'
import { mayOpen } from '../permissions'

const names = ['q', 'status', 'kind', 'from', 'to'] as const

function Party({ name, account, customerId }: { name: string; account: string; customerId?: string | null }) {
  const staff = useStaff()
  return (
    <>
      <div>
        {customerId && mayOpen(staff, 'customers') ? <IdLink to={`/customers/${customerId}`} id={name} plain /> : name}
      </div>
      <div className="muted mono small">{account}</div>
    </>
  )
}

export default function Payments() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [filters, set, clear] = useFilters(names)
  const rows = useRows('GET /v1/staff/payments', { query: filters })
  const columns: Column<Payment>[] = [
    {
      key: 'createdAt',
      title: t('payment.createdAt'),
      fixedChoice: true,
      render: (_, p) => <Instant at={p.createdAt} />,
    },
    {
      key: 'id',
      title: t('payment.id'),
      render: (_, p) => <IdLink to={`/payments/${p.paymentId}`} id={p.paymentId} />,
    },
    { key: 'kind', title: t('payment.kind'), render: (_, p) => t(`kind.${p.kind}`, { defaultValue: p.kind }) },
    {
      key: 'status',
      title: t('common.state'),
      fixedChoice: true,
      render: (_, p) => <StateTag group="paymentStatus" state={p.transactionStatus} />,
    },
    {
      key: 'debtor',
      title: t('payment.debtor'),
      render: (_, p) => <Party name={p.debtorName} account={p.debtorAccount} customerId={p.debtorCustomerId} />,
    },
    {
      key: 'creditor',
      title: t('payment.creditor'),
      render: (_, p) => <Party name={p.creditorName} account={p.creditorAccount} customerId={p.creditorCustomerId} />,
    },
    {
      key: 'amount',
      title: t('payment.amount'),
      align: 'right',
      render: (_, p) => <Amount value={p.instructedAmount} />,
    },
    {
      key: 'memo',
      title: t('payment.memo'),
      extra: true,
      render: (_, p) => p.remittanceInformationUnstructured || '—',
    },
    { key: 'settledAt', title: t('payment.settledAt'), extra: true, render: (_, p) => <Instant at={p.settledAt} /> },
    {
      key: 'reason',
      title: t('payment.reason'),
      extra: true,
      render: (_, p) => (p.reasonCode ? <Mono>{p.reasonCode}</Mono> : '—'),
    },
    { key: 'e2e', title: t('payment.e2e'), extra: true, render: (_, p) => <Mono>{p.endToEndIdentification}</Mono> },
  ]
  return (
    <>
      <PageHead title={t('menu.payments')} />
      <DataTable
        id="payments"
        label={t('menu.payments')}
        rows={rows}
        columns={columns}
        rowKey={(p) => p.paymentId}
        onOpen={(p) => void navigate(`/payments/${p.paymentId}`)}
        filters={
          <>
            <TextFilter value={filters.q} onChange={(q) => set({ q })} label={t('payment.search')} width={250} />
            <ChoiceFilter
              value={filters.status}
              onChange={(status) => set({ status })}
              label={t('common.state')}
              testId="filter-status"
              options={['RCVD', 'PDNG', 'ACSC', 'RJCT'].map((value) => ({ value, label: t(`paymentStatus.${value}`) }))}
            />
            <ChoiceFilter
              value={filters.kind}
              onChange={(kind) => set({ kind })}
              label={t('payment.kind')}
              testId="filter-kind"
              options={['transfer', 'topUp', 'withdrawal'].map((value) => ({ value, label: t(`kind.${value}`) }))}
            />
            <DatesFilter from={filters.from} to={filters.to} onChange={(from, to) => set({ from, to })} />
            <ClearFilters shown={Object.keys(filters).length > 0} onClear={clear} />
          </>
        }
      />
    </>
  )
}
