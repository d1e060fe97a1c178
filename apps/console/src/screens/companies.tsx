// Companies and sole traders: search by credit code or the beginning of a name.

import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { useRows } from '../api/client'
import { companyStates, type Company } from '../api/types'
import { useFilters } from '../filters'
import { IdLink, Instant, Mono, PageHead, StateTag } from '../parts/bits'
import { ChoiceFilter, ClearFilters, TextFilter } from '../parts/filters'
import { DataTable, type Column } from '../parts/table'

const names = ['q', 'state'] as const

export default function Companies() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [filters, set, clear] = useFilters(names)
  const found = useRows('GET /v1/staff/companies', { query: { q: filters.q } })
  // The bank searches by text only; the state filters the loaded rows.
  const rows = { ...found, items: found.items?.filter((c) => !filters.state || c.state === filters.state) }
  const columns: Column<Company>[] = [
    { key: 'name', title: t('company.name'), fixedChoice: true, render: (_, c) => <strong>{c.name}</strong> },
    { key: 'uscc', title: t('company.uscc'), render: (_, c) => <Mono>{c.uscc}</Mono> },
    { key: 'kind', title: t('company.kind'), render: (_, c) => t(`companyKind.${c.kind}`) },
    { key: 'state', title: t('common.state'), render: (_, c) => <StateTag group="companyState" state={c.state} /> },
    {
      key: 'suspendedFor',
      title: t('company.suspendedFor'),
      extra: true,
      render: (_, c) =>
        c.suspendedFor ? t(`companyResult.${c.suspendedFor}`, { defaultValue: c.suspendedFor }) : '—',
    },
    { key: 'createdAt', title: t('company.since'), render: (_, c) => <Instant at={c.createdAt} /> },
    { key: 'id', title: t('company.id'), render: (_, c) => <IdLink to={`/companies/${c.companyId}`} id={c.companyId} /> },
  ]
  return (
    <>
      <PageHead title={t('menu.companies')} note={t('company.listNote')} />
      <DataTable
        id="companies"
        label={t('menu.companies')}
        rows={rows}
        columns={columns}
        rowKey={(c) => c.companyId}
        onOpen={(c) => void navigate(`/companies/${c.companyId}`)}
        empty={
          filters.state && rows.hasMore
            ? t('company.stateLoaded')
            : filters.q || filters.state
              ? t('company.noneFound')
              : t('company.none')
        }
        filters={
          <>
            <TextFilter value={filters.q} onChange={(q) => set({ q })} label={t('company.search')} width={300} />
            <ChoiceFilter
              value={filters.state}
              onChange={(state) => set({ state })}
              label={t('common.state')}
              options={companyStates.map((value) => ({ value, label: t(`companyState.${value}`) }))}
              testId="filter-state"
            />
            <ClearFilters shown={!!filters.q || !!filters.state} onClear={clear} />
            {filters.state && rows.hasMore && <span className="muted small">{t('company.stateLoaded')}</span>}
          </>
        }
      />
    </>
  )
}
