// Seals of the ledger: each covers a run of transfers and the seal before it.

import { useTranslation } from 'react-i18next'
import { useRows } from '../api/client'
import type { Seal } from '../api/types'
import { formatCount } from '../format'
import { Instant, Mono, PageHead } from '../parts/bits'
import { DataTable, type Column } from '../parts/table'
import { usePrefs } from '../prefs'

export default function Seals() {
  const { t } = useTranslation()
  const { lang } = usePrefs()
  const rows = useRows('GET /v1/staff/seals')
  const columns: Column<Seal>[] = [
    { key: 'id', title: t('seal.id'), fixedChoice: true, render: (_, s) => <Mono>{s.sealId}</Mono> },
    { key: 'at', title: t('common.at'), render: (_, s) => <Instant at={s.at} /> },
    { key: 'first', title: t('seal.first'), render: (_, s) => <Mono>{s.firstTransferId}</Mono> },
    { key: 'last', title: t('seal.last'), render: (_, s) => <Mono>{s.lastTransferId}</Mono> },
    {
      key: 'count',
      title: t('seal.count'),
      align: 'right',
      render: (_, s) => <span className="digits">{formatCount(s.count, lang)}</span>,
    },
    {
      key: 'hash',
      title: t('seal.hash'),
      render: (_, s) => (
        <Mono copy short={24}>
          {s.hash}
        </Mono>
      ),
    },
  ]
  return (
    <>
      <PageHead title={t('menu.seals')} note={t('seal.note')} />
      <DataTable id="seals" label={t('menu.seals')} rows={rows} columns={columns} rowKey={(s) => s.sealId} />
    </>
  )
}
