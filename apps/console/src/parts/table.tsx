// The one table of the console: sticky header, choice of columns (kept in the browser), "load more"
// by cursor, empty, failed and loading states, and rows that the keyboard can walk (j, k, Enter).

import { ReloadOutlined, SettingOutlined } from '@ant-design/icons'
import { Button, Checkbox, Popover, Skeleton, Table, Tooltip, type TableColumnType } from 'antd'
import { useMemo, useState, type Key, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useKeys } from '../keyboard'
import { Nothing, Problem } from './bits'

export interface Column<T> extends Omit<TableColumnType<T>, 'title' | 'key'> {
  key: string
  title: string
  // hidden by default
  extra?: boolean
  // always shown
  fixedChoice?: boolean
}

export interface Rows<T> {
  items: T[] | undefined
  error: unknown
  loading: boolean
  refetch: () => void
  hasMore?: boolean
  loadMore?: () => void
  loadingMore?: boolean
}

interface Props<T> {
  id: string
  label: string
  rows: Rows<T>
  columns: Column<T>[]
  rowKey: (row: T) => string
  onOpen?: (row: T) => void
  filters?: ReactNode
  actions?: ReactNode
  empty?: string
  summary?: ReactNode
  openKey?: string
  // Only the page's main table handles j, k and Enter.
  keyboard?: boolean
}

function storedChoice(id: string): string[] | null {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(`console.columns.${id}`) ?? 'null')
    return Array.isArray(stored) ? stored.filter((x): x is string => typeof x === 'string') : null
  } catch {
    return null
  }
}

export function ColumnChoice<T>({
  columns,
  shown,
  onChange,
}: {
  columns: Column<T>[]
  shown: string[]
  onChange: (keys: string[] | null) => void
}) {
  const { t } = useTranslation()
  const content = (
    <div className="column-choice">
      <Checkbox.Group value={shown} onChange={(keys) => onChange(keys as string[])}>
        {columns.map((c) => (
          <Checkbox key={c.key} value={c.key} disabled={c.fixedChoice} data-testid={`column-${c.key}`}>
            {c.title}
          </Checkbox>
        ))}
      </Checkbox.Group>
      <Button size="small" type="link" onClick={() => onChange(null)}>
        {t('table.resetColumns')}
      </Button>
    </div>
  )
  return (
    <Popover content={content} trigger="click" placement="bottomRight" title={t('table.columns')}>
      <Button icon={<SettingOutlined />} aria-label={t('table.columns')} data-testid="columns" />
    </Popover>
  )
}

export function DataTable<T extends object>(props: Props<T>) {
  const { id, label, rows, columns, rowKey, onOpen, keyboard = true } = props
  const { t } = useTranslation()
  const [choice, setChoice] = useState<string[] | null>(() => storedChoice(id))
  const [active, setActive] = useState(-1)
  const items = rows.items ?? []

  const shown = choice ?? columns.filter((c) => !c.extra).map((c) => c.key)
  const visible = columns.filter((c) => c.fixedChoice || shown.includes(c.key))
  const choose = (keys: string[] | null) => {
    if (keys) localStorage.setItem(`console.columns.${id}`, JSON.stringify(keys))
    else localStorage.removeItem(`console.columns.${id}`)
    setChoice(keys)
  }

  const walk = (step: number) => {
    if (items.length === 0) return
    const next = Math.max(0, Math.min(items.length - 1, active + step))
    setActive(next)
    const row = document.querySelectorAll<HTMLElement>(`[data-table="${id}"] tbody tr[data-row]`)[next]
    row?.focus()
    row?.scrollIntoView({ block: 'nearest' })
  }
  useKeys(keyboard ? { j: () => walk(1), k: () => walk(-1) } : {})

  const onRow = useMemo(
    () => (row: T, index?: number) => ({
      'data-row': rowKey(row),
      'data-testid': `row-${id}`,
      tabIndex: onOpen ? 0 : -1,
      className: onOpen ? 'openable' : undefined,
      onFocus: () => setActive(index ?? -1),
      onClick: (event: React.MouseEvent<HTMLElement>) => {
        if (!onOpen || (event.target as HTMLElement).closest('a, button, input, label')) return
        if (window.getSelection()?.toString()) return
        onOpen(row)
      },
      onKeyDown: (event: React.KeyboardEvent<HTMLElement>) => {
        if (event.key === 'Enter' && event.target === event.currentTarget) onOpen?.(row)
      },
    }),
    [id, onOpen, rowKey],
  )

  const selectedClass = (row: T) => (props.openKey !== undefined && rowKey(row) === props.openKey ? 'row-open' : '')
  const bar = (
    <div className="table-bar">
      <div className="filters" role="search" aria-label={t('table.filtersOf', { what: label })}>
        {props.filters}
      </div>
      <div className="table-tools">
        {props.actions}
        <Tooltip title={t('table.refresh')}>
          <Button
            icon={<ReloadOutlined />}
            aria-label={t('table.refresh')}
            onClick={rows.refetch}
            data-testid="refresh"
          />
        </Tooltip>
        <ColumnChoice columns={columns} shown={shown} onChange={choose} />
      </div>
    </div>
  )
  if (rows.error && !rows.items)
    return (
      <>
        {bar}
        <Problem error={rows.error} retry={rows.refetch} />
      </>
    )
  return (
    <div data-table={id}>
      {bar}
      {rows.loading && !rows.items ? (
        <TableSkeleton columns={visible.length} />
      ) : (
        <Table<T>
          size="small"
          aria-label={label}
          dataSource={items}
          columns={visible.map((c) => ({ ...c, key: c.key }))}
          rowKey={rowKey as (row: T) => Key}
          rowClassName={selectedClass}
          pagination={false}
          onRow={onRow as never}
          locale={{ emptyText: <Nothing text={props.empty ?? t('table.empty')} /> }}
          summary={props.summary ? () => props.summary : undefined}
        />
      )}
      {rows.hasMore && (
        <div className="load-more">
          <Button onClick={rows.loadMore} loading={rows.loadingMore} data-testid="load-more">
            {t('table.more')}
          </Button>
        </div>
      )}
      {items.length > 0 && (
        <p className="table-count" role="status">
          {t(rows.hasMore ? 'table.countMore' : 'table.count', { count: items.length })}
        </p>
      )}
    </div>
  )
}

function TableSkeleton({ columns }: { columns: number }) {
  const { t } = useTranslation()
  return (
    <div className="table-skeleton" role="status" aria-label={t('common.loading')}>
      {Array.from({ length: 8 }, (_, row) => (
        <div key={row}>
          {Array.from({ length: columns }, (_, column) => (
            <Skeleton.Button key={column} active size="small" block />
          ))}
        </div>
      ))}
    </div>
  )
}
