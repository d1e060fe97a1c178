// Figures used by the bank's rules, current and future, and the form that proposes another value.

import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAnswer } from '../api/client'
import type { Parameter } from '../api/types'
import { useFilters } from '../filters'
import { parameterFigure } from '../format'
import { useStaff } from '../layout/shell'
import { Day, Mono, PageHead, Words } from '../parts/bits'
import { TextFilter } from '../parts/filters'
import { ProposeParameter } from '../parts/propose'
import { DataTable, type Column } from '../parts/table'
import { may } from '../permissions'

const names = ['q'] as const

export default function Parameters() {
  const { t } = useTranslation()
  const staff = useStaff()
  const [filters, set] = useFilters(names)
  const [changing, setChanging] = useState<Parameter | null>(null)
  const answer = useAnswer('GET /v1/staff/parameters')
  const wanted = filters.q?.toLowerCase()
  const items = answer.data?.items.filter((p) => !wanted || p.name.toLowerCase().includes(wanted))
  const figure = (value: number, parameter: Parameter) => parameterFigure(value, parameter.unit, t)
  const columns: Column<Parameter>[] = [
    { key: 'name', title: t('parameter.name'), fixedChoice: true, render: (_, p) => <Mono>{p.name}</Mono> },
    {
      key: 'value',
      title: t('parameter.value'),
      align: 'right',
      render: (_, p) => <span className="digits">{figure(p.value, p)}</span>,
    },
    { key: 'since', title: t('parameter.since'), render: (_, p) => <Day date={p.effectiveDate} /> },
    {
      key: 'next',
      title: t('parameter.next'),
      render: (_, p) =>
        p.next ? (
          <span className="digits">
            {figure(p.next.value, p)} · <Day date={p.next.effectiveDate} />
          </span>
        ) : (
          <span className="muted">—</span>
        ),
    },
    { key: 'source', title: t('parameter.source'), render: (_, p) => <Words of={p.source} /> },
    { key: 'version', title: t('parameter.version'), extra: true, align: 'right', render: (_, p) => p.version },
  ]
  if (may(staff, 'proposeChanges') && may(staff, 'changeParameters')) {
    columns.push({
      key: 'action',
      title: t('user.action'),
      fixedChoice: true,
      align: 'right',
      render: (_, p) => (
        <Button
          size="small"
          onClick={() => setChanging(p)}
          data-testid="parameter-propose"
          aria-label={t('change.parameterOf', { name: p.name })}
        >
          {t('change.propose')}
        </Button>
      ),
    })
  }
  return (
    <>
      <PageHead title={t('menu.parameters')} note={t('parameter.note')} />
      <DataTable
        id="parameters"
        label={t('menu.parameters')}
        rows={{
          items,
          error: answer.error,
          loading: answer.isLoading,
          refetch: () => void answer.refetch(),
        }}
        columns={columns}
        rowKey={(p) => p.name}
        filters={<TextFilter value={filters.q} onChange={(q) => set({ q })} label={t('parameter.name')} />}
      />
      {changing && <ProposeParameter parameter={changing} onClose={() => setChanging(null)} />}
    </>
  )
}
