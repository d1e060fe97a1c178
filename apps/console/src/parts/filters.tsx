// The controls above tables. Each takes its value from the address and reports a change of it.

import { SearchOutlined } from '@ant-design/icons'
import { Button, DatePicker, Input, Select } from 'antd'
import dayjs from 'dayjs'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { editAmount } from '../../../shared/money.ts'

export function TextFilter({
  value,
  onChange,
  label,
  width = 240,
  testId = 'filter-q',
}: {
  value: string | undefined
  onChange: (value: string) => void
  label: string
  width?: number
  testId?: string
}) {
  const [text, setText] = useState(value ?? '')
  useEffect(() => setText(value ?? ''), [value])
  useEffect(() => {
    if (text.trim() === (value ?? '')) return
    const timer = setTimeout(() => onChange(text.trim()), 400)
    return () => clearTimeout(timer)
  }, [text, value, onChange])
  return (
    <Input
      style={{ width }}
      value={text}
      allowClear
      maxLength={64}
      prefix={<SearchOutlined aria-hidden />}
      placeholder={label}
      aria-label={label}
      data-testid={testId}
      onChange={(event) => setText(event.target.value)}
      onPressEnter={() => onChange(text.trim())}
    />
  )
}

export function ChoiceFilter({
  value,
  onChange,
  label,
  options,
  width = 140,
  testId,
}: {
  value: string | undefined
  onChange: (value: string) => void
  label: string
  options: { value: string; label: string }[]
  width?: number
  testId: string
}) {
  return (
    <Select
      style={{ width }}
      value={value}
      allowClear
      placeholder={label}
      aria-label={label}
      options={options}
      onChange={(next?: string) => onChange(next ?? '')}
      data-testid={testId}
    />
  )
}

export function DatesFilter({
  from,
  to,
  onChange,
}: {
  from: string | undefined
  to: string | undefined
  onChange: (from: string, to: string) => void
}) {
  const { t } = useTranslation()
  const pick = (name: string, value: string | undefined, change: (date: string) => void) => (
    <DatePicker
      style={{ width: 136 }}
      value={value ? dayjs(value) : null}
      format="YYYY-MM-DD"
      placeholder={name}
      aria-label={name}
      onChange={(day) => change(day ? day.format('YYYY-MM-DD') : '')}
      data-testid={name === t('filter.from') ? 'filter-from' : 'filter-to'}
    />
  )
  return (
    <span className="dates">
      {pick(t('filter.from'), from, (date) => onChange(date, to ?? ''))}
      <span aria-hidden>–</span>
      {pick(t('filter.to'), to, (date) => onChange(from ?? '', date))}
    </span>
  )
}

export function AmountFilter({
  value,
  onChange,
  label,
  testId,
}: {
  value: string | undefined
  onChange: (value: string) => void
  label: string
  testId: string
}) {
  const { t } = useTranslation()
  const [text, setText] = useState(value ?? '')
  useEffect(() => setText(value ?? ''), [value])
  const isAsked = text.includes(',') // A comma that groups nothing is reported to the user, never guessed.
  return (
    <Input
      style={{ width: 104 }}
      value={text}
      placeholder={label}
      aria-label={label}
      inputMode="decimal"
      data-testid={testId}
      allowClear
      onChange={(event) => {
        const next = editAmount(event.target.value)
        if (next === null) return
        setText(next)
        if (next === '') onChange('')
      }}
      status={isAsked ? 'error' : ''}
      title={isAsked ? t('filter.comma') : undefined}
      onBlur={() => !isAsked && onChange(text)}
      onPressEnter={() => !isAsked && onChange(text)}
    />
  )
}

export function ClearFilters({ shown, onClear }: { shown: boolean; onClear: () => void }) {
  const { t } = useTranslation()
  return shown ? (
    <Button type="link" onClick={onClear} data-testid="filter-clear">
      {t('filter.clear')}
    </Button>
  ) : null
}
