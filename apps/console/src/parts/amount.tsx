// Amounts on the screen: grouped, tabular digits, never wrapped. Sign, word and colour show a direction;
// column or word shows a side.

import { ArrowDownOutlined, ArrowUpOutlined } from '@ant-design/icons'
import { useTranslation } from 'react-i18next'
import type { Money, Side } from '../api/types'
import { groupedAmount } from '../format'

export function Amount({ value, currency = true }: { value: Money | null | undefined; currency?: boolean }) {
  if (!value) return <span className="muted">—</span>
  return (
    <span className="amount">
      {groupedAmount(value)}
      {currency && <span className="amount-ccy">{value.currency}</span>}
    </span>
  )
}

export function DirectedAmount({ value, direction }: { value: Money; direction: 'in' | 'out' }) {
  const { t } = useTranslation()
  return (
    <span className={`amount amount-${direction}`}>
      <span className="direction">
        {direction === 'in' ? <ArrowDownOutlined aria-hidden /> : <ArrowUpOutlined aria-hidden />}
        {t(`direction.${direction}`)}
      </span>
      {direction === 'in' ? '+' : '−'}
      {groupedAmount(value)}
    </span>
  )
}

export function SideWord({ side }: { side: Side }) {
  const { t } = useTranslation()
  return <span className={`side side-${side}`}>{t(`side.${side}`)}</span>
}
