// Payment alerts: cases that the bank could not settle automatically. Closing one needs a note of what was
// done.

import { App, Button, Input, Modal, Segmented } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { problemOf } from '../../../shared/problem.ts'
import { client, refresh, useRows } from '../api/client'
import type { PaymentAlert } from '../api/types'
import { useFilters } from '../filters'
import { useStaff } from '../layout/shell'
import { Instant, Mono, PageHead } from '../parts/bits'
import { DataTable, type Column } from '../parts/table'
import { may } from '../permissions'

const names = ['state'] as const
const NOTE_MIN = 10

export default function Alerts() {
  const { t } = useTranslation()
  const staff = useStaff()
  const [filters, set] = useFilters(names)
  const [closing, setClosing] = useState<PaymentAlert>()
  const state = filters.state === 'closed' ? 'closed' : 'open'
  const rows = useRows('GET /v1/staff/payment-alerts', { query: { state } })
  const columns: Column<PaymentAlert>[] = [
    { key: 'kind', title: t('alert.kind'), fixedChoice: true, render: (_, a) => <strong>{t(`alertKind.${a.kind}`)}</strong> },
    {
      key: 'payment',
      title: t('alert.payment'),
      fixedChoice: true,
      render: (_, a) => (
        <Link to={`/payments/${a.paymentId}`}>
          <Mono>{a.paymentId}</Mono>
        </Link>
      ),
    },
    { key: 'raisedAt', title: t('alert.raisedAt'), render: (_, a) => <Instant at={a.raisedAt} /> },
  ]
  if (state === 'closed') {
    columns.push(
      { key: 'closedAt', title: t('alert.closedAt'), render: (_, a) => <Instant at={a.closedAt} /> },
      { key: 'note', title: t('alert.note'), render: (_, a) => <span className="wrap">{a.note}</span> },
    )
  } else if (may(staff, 'queryPayment')) {
    columns.push({
      key: 'close',
      title: t('alert.action'),
      fixedChoice: true,
      align: 'right',
      render: (_, a) => (
        <Button size="small" onClick={() => setClosing(a)} data-testid="alert-close" aria-label={`${t('alert.close')} ${a.alertId}`}>
          {t('alert.close')}
        </Button>
      ),
    })
  }
  return (
    <>
      <PageHead title={t('menu.alerts')} note={t('alert.pageNote')} />
      <DataTable
        id="payment-alerts"
        label={t('menu.alerts')}
        rows={rows}
        columns={columns}
        rowKey={(a) => a.alertId}
        empty={t(state === 'closed' ? 'alert.noneClosed' : 'alert.noneOpen')}
        filters={
          <Segmented
            value={state}
            onChange={(s) => set({ state: s })}
            options={['open', 'closed'].map((value) => ({ value, label: t(`alert.${value}`) }))}
            data-testid="alert-state"
            aria-label={t('common.state')}
          />
        }
      />
      {closing && <Close alert={closing} done={() => setClosing(undefined)} />}
    </>
  )
}

function Close({ alert, done }: { alert: PaymentAlert; done: () => void }) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const send = async () => {
    setBusy(true)
    try {
      await client.call('POST /v1/staff/payment-alerts/{id}/closure', { params: { id: alert.alertId }, body: { note: note.trim() } })
      void message.success(t('alert.closedNow'))
      await refresh('GET /v1/staff/payment-alerts', 'GET /v1/staff/work')
      done()
    } catch (error) {
      void message.error(problemOf(error).detail || t('problem.network'))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      open
      title={t('alert.close')}
      okText={t('alert.close')}
      okButtonProps={{ disabled: note.trim().length < NOTE_MIN }}
      confirmLoading={busy}
      onOk={() => void send()}
      onCancel={done}
    >
      <Input.TextArea
        value={note}
        onChange={(e) => setNote(e.target.value)}
        maxLength={250}
        rows={3}
        autoFocus
        placeholder={t('alert.noteHint')}
        aria-label={t('alert.note')}
        data-testid="alert-note"
      />
    </Modal>
  )
}
