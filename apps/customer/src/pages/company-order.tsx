import { Button } from 'antd-mobile'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Navigate, useParams } from 'react-router'
import { showInstant } from '../../../shared/format.ts'
import { useFormKey } from '../../../shared/idempotency.ts'
import { groupByFour } from '../../../shared/identifiers.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { bank } from '../bank.ts'
import { companyChanged, may, useCompany, useOrders } from '../company-queries.ts'
import type { Company, OrderDecision, PaymentOrder } from '../routes-account.ts'
import { NotConfirmed, useStepUp } from '../step-up.tsx'
import { Facts, Field, MainButton, Note, Page, ProblemNote, Section, Waiting } from '../ui/kit.tsx'
import { Amount, tag } from '../ui/money.tsx'
import { say } from '../ui/say.ts'

/** One payment order with its maker and approvals; a second person decides. */
export default function CompanyOrder() {
  const { t } = useTranslation()
  const { companyId = '', orderId = '' } = useParams()
  const company = useCompany(companyId).data
  const orders = useOrders(companyId, true)
  const order = orders.data?.find((one) => one.orderId === orderId)
  if (orders.data && !order) return <Navigate to={`/me/companies/${companyId}`} replace />
  return (
    <Page title={t('order.one')} back={`/me/companies/${companyId}`} testId="order-page">
      {orders.error && <ProblemNote problem={orders.error} retry={() => void orders.refetch()} />}
      {!order || !company ? (
        <Waiting lines={6} />
      ) : (
        <>
          <OrderFacts order={order} />
          {order.state === 'awaitingApproval' && (
            <Decide company={company} order={order} />
          )}
        </>
      )}
    </Page>
  )
}

function OrderFacts(props: { order: PaymentOrder }) {
  const { t } = useTranslation()
  const { order } = props
  const kind = { awaitingApproval: 'wait', executed: 'good' }[order.state as string] ?? 'bad'
  return (
    <Section>
      <div className="review-amount">
        <Amount money={order.instructedAmount} size="big" />
        <p>
          <span className={`tag ${kind}`} data-testid="order-state" data-state={order.state}>
            {t(`orderState.${order.state}`)}
          </span>
        </p>
      </div>
      <Facts
        items={[
          [t('review.to'), order.creditorName],
          [t('transfer.phone'), order.creditorPhone],
          [
            t('facts.account'),
            order.creditorAccountNumber && groupByFour(order.creditorAccountNumber),
          ],
          [t('facts.memo'), order.remittanceInformationUnstructured],
          [t('order.maker'), order.maker],
          [t('facts.createdAt'), showInstant(order.createdAt, tag())],
          [
            t('order.approvals'),
            t('order.of', {
              given: order.approvals.filter((one) => one.decision === 'approve').length,
              needed: order.neededApprovals,
            }),
          ],
        ]}
      />
      <ul className="plain-list">
        {order.approvals.map((one) => (
          <li key={one.by + one.at} data-testid="approval">
            {t(`orderDecision.${one.decision}`)}: {one.by} · {showInstant(one.at, tag())}
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Decide(props: { company: Company; order: PaymentOrder }) {
  const { t } = useTranslation()
  const { company, order } = props
  const stepUp = useStepUp()
  const formKey = useFormKey()
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState<OrderDecision | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const decide = async (decision: OrderDecision) => {
    if (busy) return
    setBusy(decision)
    setProblem(null)
    try {
      const params = { companyId: company.companyId, orderId: order.orderId }
      const body = { decision, ...(reason.trim() ? { reason: reason.trim() } : {}) }
      await stepUp(
        () =>
          bank.call('POST /v1/companies/{companyId}/payment-orders/{orderId}/decisions', {
            params,
            body,
            key: formKey.keyFor(body),
          }),
        { onRepeat: (again) => formKey.refused(again) },
      )
      say(t('order.decided'))
      companyChanged(company.companyId)
    } catch (error) {
      if (error instanceof NotConfirmed) return
      formKey.refused(problemOf(error))
      setProblem(problemOf(error))
    } finally {
      setBusy(null)
    }
  }
  return (
    <Section title={t('order.decide')}>
      <Note kind="info">{t('order.fourEyes')}</Note>
      <Field
        label={t('order.reason')}
        value={reason}
        onValue={setReason}
        maxLength={140}
        testId="order-reason"
      />
      {problem && <ProblemNote problem={problem} />}
      {may(company, 'checker') && (
        <>
          <MainButton
            loading={busy === 'approve'}
            onClick={() => void decide('approve')}
            data-testid="order-approve"
          >
            {t('order.approve')}
          </MainButton>
          <Button
            block
            size="large"
            color="danger"
            fill="outline"
            loading={busy === 'refuse'}
            onClick={() => void decide('refuse')}
            data-testid="order-refuse"
          >
            {t('order.refuse')}
          </Button>
        </>
      )}
      {may(company, 'maker') && (
        <Button
          block
          fill="none"
          color="primary"
          loading={busy === 'withdraw'}
          onClick={() => void decide('withdraw')}
          data-testid="order-withdraw"
        >
          {t('order.withdraw')}
        </Button>
      )}
    </Section>
  )
}
