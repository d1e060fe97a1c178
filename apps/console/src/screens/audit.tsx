// The audit log: person, action and object; each entry contains the hash of the previous one.

import { SafetyCertificateOutlined } from '@ant-design/icons'
import { Alert, Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { client, useRows } from '../api/client'
import type { AuditEntry, Verification } from '../api/types'
import { useFilters } from '../filters'
import { formatCount } from '../format'
import { Instant, Mono, PageHead, Problem as ProblemBox } from '../parts/bits'
import { ClearFilters, DatesFilter, TextFilter } from '../parts/filters'
import { DataTable, type Column } from '../parts/table'
import { usePrefs } from '../prefs'

const names = ['q', 'from', 'to'] as const

function detailText(detail: unknown): string {
  if (detail === null || detail === undefined || detail === '') return '—'
  return typeof detail === 'string' ? detail : JSON.stringify(detail)
}

export default function Audit() {
  const { t } = useTranslation()
  const [filters, set, clear] = useFilters(names)
  const rows = useRows('GET /v1/staff/audit-log', { query: filters })
  const columns: Column<AuditEntry>[] = [
    {
      key: 'sequence',
      title: t('audit.sequence'),
      align: 'right',
      fixedChoice: true,
      render: (_, a) => <span className="digits">{a.sequence}</span>,
    },
    { key: 'at', title: t('common.at'), render: (_, a) => <Instant at={a.at} /> },
    {
      key: 'login',
      title: t('audit.who'),
      render: (_, a) => <>{a.login || <span className="muted">{t('audit.system')}</span>}</>,
    },
    { key: 'action', title: t('audit.action'), render: (_, a) => <span className="mono">{a.action}</span> },
    { key: 'object', title: t('audit.object'), render: (_, a) => <span className="mono wrap">{a.object}</span> },
    { key: 'detail', title: t('audit.detail'), render: (_, a) => <span className="wrap">{detailText(a.detail)}</span> },
    { key: 'hash', title: t('audit.hash'), render: (_, a) => <Mono short={12}>{a.hash}</Mono> },
    { key: 'staffId', title: t('audit.staffId'), extra: true, render: (_, a) => (a.staffId ? <Mono>{a.staffId}</Mono> : '—') },
  ]
  return (
    <>
      <PageHead title={t('menu.audit')} note={t('audit.note')} />
      <Verify />
      <DataTable
        id="audit"
        label={t('menu.audit')}
        rows={rows}
        columns={columns}
        rowKey={(a) => String(a.sequence)}
        filters={
          <>
            <TextFilter value={filters.q} onChange={(q) => set({ q })} label={t('audit.search')} width={280} />
            <DatesFilter from={filters.from} to={filters.to} onChange={(from, to) => set({ from, to })} />
            <ClearFilters shown={Object.keys(filters).length > 0} onClear={clear} />
          </>
        }
      />
    </>
  )
}

function Verify() {
  const { t } = useTranslation()
  const { lang } = usePrefs()
  const [busy, setBusy] = useState(false)
  const [result, setResult] = useState<Verification | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const verify = async () => {
    setBusy(true)
    setProblem(null)
    setResult(null)
    try {
      setResult(await client.call('GET /v1/staff/audit-log/verification', { timeoutMs: 120_000 }))
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="verify" aria-live="polite">
      <Button
        icon={<SafetyCertificateOutlined />}
        loading={busy}
        onClick={() => void verify()}
        data-testid="audit-verify"
      >
        {t('audit.verify')}
      </Button>
      {problem && <ProblemBox error={problem} inline />}
      {result && (
        <Alert
          type={result.intact ? 'success' : 'error'}
          showIcon
          data-testid="audit-verified"
          title={t(result.intact ? 'audit.intact' : 'audit.broken', { entries: formatCount(result.entries, lang) })}
          description={
            <>
              {t('audit.head')} <span className="mono wrap">{result.head}</span>
              {result.brokenAt !== undefined && <div>{t('audit.brokenAt', { sequence: result.brokenAt })}</div>}
            </>
          }
        />
      )}
    </div>
  )
}
