// Search of customers in the header: by phone, customer id, account number or name.

import { SearchOutlined } from '@ant-design/icons'
import { AutoComplete, Input, type InputRef } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { useAnswer } from '../api/client'
import { useKeys } from '../keyboard'
import { StateTag } from '../parts/bits'

export function GlobalSearch() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const field = useRef<InputRef>(null)
  const [text, setText] = useState('')
  const [asked, setAsked] = useState('')

  useKeys({
    '/': (event) => {
      event.preventDefault()
      field.current?.focus({ cursor: 'all' })
    },
  })
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), 250)
    return () => clearTimeout(timer)
  }, [text])

  const found = useAnswer('GET /v1/staff/customers', { query: { q: asked, limit: 8 } }, { enabled: asked.length >= 2 })
  const items = asked.length >= 2 ? (found.data?.items ?? []) : []
  const options = items.map((c) => ({
    value: c.customerId,
    label: (
      <div className="search-hit">
        <strong>{c.name ?? t('customer.unnamed')}</strong>
        <span className="mono">{c.maskedPhone}</span>
        <StateTag group="customerState" state={c.state} />
      </div>
    ),
  }))
  const open = (id: string) => {
    setText('')
    field.current?.blur()
    void navigate(`/customers/${id}`)
  }
  const submit = () => {
    const only = asked === text.trim() && items.length === 1 ? items[0] : undefined
    if (only) return open(only.customerId)
    if (text.trim()) void navigate(`/customers?q=${encodeURIComponent(text.trim())}`)
    setText('')
    field.current?.blur()
  }
  return (
    <AutoComplete
      className="global-search"
      value={text}
      options={options}
      onSelect={open}
      onSearch={setText}
      defaultActiveFirstOption={false}
      notFoundContent={asked.length >= 2 && asked === text.trim() && found.isSuccess ? t('search.nobody') : null}
    >
      <Input
        ref={field}
        prefix={<SearchOutlined aria-hidden />}
        suffix={<kbd aria-hidden>/</kbd>}
        placeholder={t('search.placeholder')}
        aria-label={t('search.label')}
        data-testid="global-search"
        onPressEnter={(event) => {
          // Enter on an option chosen by the arrow keys is handled by the list.
          if (!event.currentTarget.getAttribute('aria-activedescendant')?.match(/_list_\d+$/) || options.length === 0)
            submit()
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') field.current?.blur()
        }}
        allowClear
      />
    </AutoComplete>
  )
}
