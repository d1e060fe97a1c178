// A short table in its own section: all rows at once; rows with a target can be opened.

import { Table, type TableColumnType } from 'antd'
import { Nothing, Section } from './bits'

export function Small<T extends object>({
  label,
  items,
  columns,
  rowKey,
  empty,
  onOpen,
  testId,
}: {
  label: string
  items: T[] | undefined
  columns: TableColumnType<T>[]
  rowKey: (row: T) => string
  empty: string
  onOpen?: (row: T) => void
  testId: string
}) {
  return (
    <Section title={`${label}${items && items.length > 0 ? ` (${items.length})` : ''}`} id={testId}>
      <Table<T>
        size="small"
        aria-label={label}
        dataSource={items ?? []}
        columns={columns}
        rowKey={rowKey}
        pagination={false}
        locale={{ emptyText: <Nothing text={empty} /> }}
        onRow={(row) =>
          onOpen
            ? {
                tabIndex: 0,
                className: 'openable',
                onClick: (e) => {
                  if (!(e.target as HTMLElement).closest('a, button')) onOpen(row)
                },
                onKeyDown: (e) => {
                  if (e.key === 'Enter' && e.target === e.currentTarget) onOpen(row)
                },
              }
            : {}
        }
      />
    </Section>
  )
}
