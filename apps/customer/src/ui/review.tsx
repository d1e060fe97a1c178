import { Button } from 'antd-mobile'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Problem } from '../../../shared/problem.ts'
import type { Money } from '../../../shared/money.ts'
import { Facts, MainButton, ProblemNote, Sheet } from './kit.tsx'
import { Amount } from './money.tsx'

/** Confirmation of a payment: amount, payee, fee, arrival, remaining limit. */
export function Review(props: {
  open: boolean
  title: string
  money: Money
  facts: [string, ReactNode][]
  busy: boolean
  problem: Problem | null
  action: string
  onPay: () => void
  onClose: () => void
}) {
  const { t } = useTranslation()
  const unknown = props.problem?.unknown ?? false
  return (
    <Sheet open={props.open} title={props.title} onClose={props.onClose} testId="review">
      <div className="review-amount">
        <Amount money={props.money} size="big" testId="review-amount" />
      </div>
      <Facts items={props.facts} />
      {props.problem && (
        <ProblemNote problem={props.problem} {...(unknown ? { lead: t('review.unknown') } : {})} />
      )}
      <div className="sheet-actions">
        <Button
          block
          size="large"
          onClick={props.onClose}
          disabled={props.busy}
          data-testid="review-edit"
        >
          {t('review.edit')}
        </Button>
        <MainButton onClick={props.onPay} loading={props.busy} data-testid="review-pay">
          {unknown ? t('common.tryAgain') : props.action}
        </MainButton>
      </div>
    </Sheet>
  )
}
