// Messages waiting for delivery, and undeliverable ones, which can be tried again.

import { App, Button, Segmented } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { problemOf } from '../../../shared/problem.ts'
import { client, refresh, useRows } from '../api/client'
import type { OutboxMessage } from '../api/types'
import { useFilters } from '../filters'
import { useStaff } from '../layout/shell'
import { Instant, Mono, PageHead } from '../parts/bits'
import { DataTable, type Column } from '../parts/table'
import { may } from '../permissions'

const names = ['state'] as const

export default function Outbox() {
  const { t } = useTranslation()
  const staff = useStaff()
  const { message } = App.useApp()
  const [filters, set] = useFilters(names)
  const [busy, setBusy] = useState('')
  const state = filters.state === 'dead' ? 'dead' : 'due'
  const rows = useRows('GET /v1/staff/outbox', { query: { state } })
  const retry = async (id: string) => {
    setBusy(id)
    try {
      await client.call('POST /v1/staff/outbox/{id}/retries', { params: { id } })
      void message.success(t('outbox.retried'))
      await refresh('GET /v1/staff/outbox', 'GET /v1/staff/dashboard')
    } catch (error) {
      void message.error(problemOf(error).detail || t('problem.network'))
    } finally {
      setBusy('')
    }
  }
  const columns: Column<OutboxMessage>[] = [
    { key: 'id', title: t('outbox.id'), fixedChoice: true, render: (_, m) => <Mono>{m.messageId}</Mono> },
    { key: 'topic', title: t('outbox.topic'), render: (_, m) => <span className="mono">{m.topic}</span> },
    {
      key: 'attempts',
      title: t('outbox.attempts'),
      align: 'right',
      render: (_, m) => <span className="digits">{m.attempts}</span>,
    },
    {
      key: 'nextAt',
      title: t(state === 'dead' ? 'outbox.lastAt' : 'outbox.nextAt'),
      render: (_, m) => <Instant at={m.nextAt} />,
    },
    { key: 'createdAt', title: t('outbox.createdAt'), extra: true, render: (_, m) => <Instant at={m.createdAt} /> },
    {
      key: 'lastError',
      title: t('outbox.lastError'),
      render: (_, m) =>
        m.lastError ? <span className="bad wrap">{m.lastError}</span> : <span className="muted">—</span>,
    },
  ]
  if (may(staff, 'retryOutbox')) {
    columns.push({
      key: 'retry',
      title: t('outbox.action'),
      fixedChoice: true,
      align: 'right',
      render: (_, m) => (
        <Button
          size="small"
          loading={busy === m.messageId}
          onClick={() => void retry(m.messageId)}
          data-testid="outbox-retry"
          aria-label={`${t('outbox.retry')} ${m.messageId}`}
        >
          {t('outbox.retry')}
        </Button>
      ),
    })
  }
  return (
    <>
      <PageHead title={t('menu.outbox')} note={t('outbox.note')} />
      <DataTable
        id="outbox"
        label={t('menu.outbox')}
        rows={rows}
        columns={columns}
        rowKey={(m) => m.messageId}
        empty={t(state === 'dead' ? 'outbox.noneDead' : 'outbox.noneDue')}
        filters={
          <Segmented
            value={state}
            onChange={(s) => set({ state: s })}
            options={['due', 'dead'].map((value) => ({ value, label: t(`outbox.${value}`) }))}
            data-testid="outbox-state"
            aria-label={t('common.state')}
          />
        }
      />
    </>
  )
}
