// Identity cases, pending and decided.

import { WarningFilled } from '@ant-design/icons'
import { Checkbox, Space, Tag } from 'antd'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { useRows } from '../api/client'
import type { Case } from '../api/types'
import { useFilters } from '../filters'
import { IdLink, Instant, Mono, PageHead, StateTag } from '../parts/bits'
import { ChoiceFilter, ClearFilters } from '../parts/filters'
import { DataTable, type Column } from '../parts/table'

const names = ['state', 'mine'] as const
const states = ['open', 'claimed', 'second', 'decided'] as const

export default function Cases() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [filters, set, clear] = useFilters(names)
  const rows = useRows('GET /v1/staff/cases', { query: filters })
  const columns: Column<Case>[] = [
    {
      key: 'name',
      title: t('customer.name'),
      fixedChoice: true,
      render: (_, c) => <strong>{c.name ?? <span className="muted">{t('customer.unnamed')}</span>}</strong>,
    },
    { key: 'reasons', title: t('case.reasons'), render: (_, c) => <Reasons reasons={c.reasons} /> },
    { key: 'state', title: t('common.state'), render: (_, c) => <StateTag group="caseState" state={c.state} /> },
    {
      key: 'due',
      title: t('case.dueAt'),
      render: (_, c) => (
        <span className={c.isOverdue ? 'bad' : undefined} data-overdue={c.isOverdue}>
          {c.isOverdue && (
            <>
              <WarningFilled aria-hidden /> {t('case.overdue')}{' '}
            </>
          )}
          <Instant at={c.dueAt} />
        </span>
      ),
    },
    { key: 'path', title: t('case.path'), render: (_, c) => t(`casePath.${c.path}`, { defaultValue: c.path }) },
    {
      key: 'appointment',
      title: t('case.appointmentAt'),
      extra: true,
      render: (_, c) => <Instant at={c.appointmentAt} />,
    },
    { key: 'claimedBy', title: t('case.claimedBy'), render: (_, c) => <Mono>{c.claimedBy ?? '—'}</Mono> },
    { key: 'openedAt', title: t('case.openedAt'), render: (_, c) => <Instant at={c.openedAt} /> },
    { key: 'id', title: t('case.id'), render: (_, c) => <IdLink to={`/cases/${c.caseId}`} id={c.caseId} /> },
  ]
  return (
    <>
      <PageHead title={t('menu.cases')} note={t('case.note')} />
      <DataTable
        id="cases"
        label={t('menu.cases')}
        rows={rows}
        columns={columns}
        rowKey={(c) => c.caseId}
        onOpen={(c) => void navigate(`/cases/${c.caseId}`)}
        empty={t('case.none')}
        filters={
          <>
            <ChoiceFilter
              value={filters.state}
              onChange={(state) => set({ state })}
              label={t('common.state')}
              options={states.map((value) => ({ value, label: t(`caseState.${value}`) }))}
              testId="filter-state"
            />
            <Checkbox
              checked={filters.mine === 'true'}
              onChange={(e) => set({ mine: e.target.checked ? 'true' : '' })}
              data-testid="filter-mine"
            >
              {t('case.mine')}
            </Checkbox>
            <ClearFilters shown={!!filters.state || !!filters.mine} onClear={clear} />
          </>
        }
      />
    </>
  )
}

export function Reasons({ reasons }: { reasons: string[] }) {
  const { t } = useTranslation()
  return (
    <Space size={4} wrap>
      {reasons.map((reason) => (
        <Tag key={reason} variant="outlined">
          {t(`caseReason.${reason}`, { defaultValue: reason })}
        </Tag>
      ))}
    </Space>
  )
}
