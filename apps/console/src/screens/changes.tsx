// Changes that need two people, newest first.

import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { useRows } from '../api/client'
import type { Change } from '../api/types'
import { useFilters } from '../filters'
import { IdLink, Instant, Mono, PageHead, StateTag } from '../parts/bits'
import { ChoiceFilter, ClearFilters } from '../parts/filters'
import { DataTable, type Column } from '../parts/table'

const names = ['state'] as const
const states = ['proposed', 'approved', 'refused', 'withdrawn', 'expired'] as const

export default function Changes() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [filters, set, clear] = useFilters(names)
  const rows = useRows('GET /v1/staff/changes', { query: filters })
  const columns: Column<Change>[] = [
    {
      key: 'kind',
      title: t('change.kind'),
      fixedChoice: true,
      render: (_, c) => <strong>{t(`changeKind.${c.kind}`, { defaultValue: c.kind })}</strong>,
    },
    { key: 'object', title: t('change.object'), render: (_, c) => <Mono>{c.object}</Mono> },
    { key: 'state', title: t('common.state'), render: (_, c) => <StateTag group="changeState" state={c.state} /> },
    { key: 'maker', title: t('change.maker'), render: (_, c) => <Mono>{c.maker}</Mono> },
    { key: 'checker', title: t('change.checker'), render: (_, c) => <Mono>{c.checker ?? '—'}</Mono> },
    { key: 'createdAt', title: t('change.createdAt'), render: (_, c) => <Instant at={c.createdAt} /> },
    { key: 'expiresAt', title: t('change.expiresAt'), extra: true, render: (_, c) => <Instant at={c.expiresAt} /> },
    {
      key: 'id',
      title: t('change.id'),
      render: (_, c) => <IdLink to={`/changes/${c.changeId}`} id={c.changeId} />,
    },
  ]
  return (
    <>
      <PageHead title={t('menu.changes')} note={t('change.note')} />
      <DataTable
        id="changes"
        label={t('menu.changes')}
        rows={rows}
        columns={columns}
        rowKey={(c) => c.changeId}
        onOpen={(c) => void navigate(`/changes/${c.changeId}`)}
        empty={t('change.none')}
        filters={
          <>
            <ChoiceFilter
              value={filters.state}
              onChange={(state) => set({ state })}
              label={t('common.state')}
              options={states.map((value) => ({ value, label: t(`changeState.${value}`) }))}
              testId="filter-state"
            />
            <ClearFilters shown={!!filters.state} onClear={clear} />
          </>
        }
      />
    </>
  )
}
