import { Button } from 'antd-mobile'
import { AddOutline, TeamOutline } from 'antd-mobile-icons'
import { useState, type ChangeEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { balanceOf } from '../../../shared/api.ts'
import { showMoment } from '../../../shared/format.ts'
import { useFormKey } from '../../../shared/idempotency.ts'
import { faultOfIdNumber, groupByFour } from '../../../shared/identifiers.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { showMoney } from '../../../shared/money.ts'
import { bank } from '../bank.ts'
import { shrink } from '../camera.ts'
import { companyChanged, may, useCompany, useOrders } from '../company-queries.ts'
import type { Company, Owner } from '../routes-account.ts'
import { ppmOf, sumFits } from '../shares.ts'
import { NotConfirmed, useStepUp } from '../step-up.tsx'
import { Facts, Field, Form, MainButton, Note, Page, ProblemNote, Row, Section, Waiting } from '../ui/kit.tsx'
import { tag } from '../ui/money.tsx'

const OWNERS_MAX = 10

export default function CompanyPage() {
  const { t } = useTranslation()
  const { companyId = '' } = useParams()
  const company = useCompany(companyId)
  const data = company.data
  return (
    <Page title={data?.name ?? t('company.one')} back="/me/companies" testId="company-page">
      {company.isPending && <Waiting lines={6} />}
      {company.error && (
        <ProblemNote problem={company.error} retry={() => void company.refetch()} />
      )}
      {data && (
        <>
          <Head company={data} />
          {data.state === 'draft' && <Draft company={data} />}
          {data.state === 'active' && <Open company={data} />}
        </>
      )}
    </Page>
  )
}

function Head(props: { company: Company }) {
  const { t, i18n } = useTranslation()
  const { company } = props
  return (
    <Section testId="company-head">
      <Facts
        items={[
          [t('company.uscc'), <span className="digits">{company.uscc}</span>],
          [t('company.kind'), t(`companyKind.${company.kind}`)],
          [
            t('me.state'),
            <span data-testid="company-state" data-state={company.state}>
              {t(`companyState.${company.state}`)}
            </span>,
          ],
        ]}
      />
      {company.state !== 'active' && (
        <ol className="sides">
          {company.steps.map(({ step, state }) => (
            <li key={step} className={state} data-testid={`company-step-${step}`} data-state={state}>
              {i18n.exists(`companyStep.${step}`) ? t(`companyStep.${step}`) : step}
              <span className="only-read">
                {' '}
                {i18n.exists(`layerState.${state}`)
                  ? t(`layerState.${state}`)
                  : i18n.exists(`stepState.${state}`)
                    ? t(`stepState.${state}`)
                    : ''}
              </span>
            </li>
          ))}
        </ol>
      )}
      {company.state === 'review' && <Note kind="wait">{t('company.review')}</Note>}
      {company.state === 'refused' && <Note kind="bad">{t('company.refused')}</Note>}
    </Section>
  )
}

function Draft(props: { company: Company }) {
  const { t } = useTranslation()
  const { company } = props
  const { companyId } = company
  const stepUp = useStepUp()
  const formKey = useFormKey()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const isDone = (name: string) =>
    company.steps.some((one) => one.step === name && ['done', 'passed'].includes(one.state))
  const submit = async () => {
    if (busy) return
    setBusy(true)
    setProblem(null)
    try {
      await stepUp(
        () =>
          bank.call('POST /v1/companies/{companyId}/submission', {
            params: { companyId },
            key: formKey.keyFor({ companyId }),
          }),
        { onRepeat: (again) => formKey.refused(again) },
      )
      companyChanged(companyId)
    } catch (error) {
      if (error instanceof NotConfirmed) return
      formKey.refused(problemOf(error))
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <Licence companyId={companyId} done={isDone('licence')} />
      <Owners companyId={companyId} done={isDone('owners')} />
      <Section title={t('companyStep.agreement')}>
        <p className="lead">{t('company.submitText')}</p>
        {problem && <ProblemNote problem={problem} />}
        <MainButton
          loading={busy}
          disabled={!isDone('licence') || !isDone('owners')}
          onClick={() => void submit()}
          data-testid="company-submission"
        >
          {t('company.submit')}
        </MainButton>
      </Section>
    </>
  )
}

function Licence(props: { companyId: string; done: boolean }) {
  const { t } = useTranslation()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const send = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0]
    event.target.value = ''
    if (!file || busy) return
    setBusy(true)
    setProblem(null)
    try {
      const params = { companyId: props.companyId }
      const body = await shrink(file)
      await bank.call('PUT /v1/companies/{companyId}/licence', { params, body })
      companyChanged(props.companyId)
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Section title={t('companyStep.licence')}>
      <p className="lead">{t('company.licenceText')}</p>
      {props.done && <Note kind="good">{t('company.licenceDone')}</Note>}
      {problem && <ProblemNote problem={problem} />}
      <label className="file-button" aria-busy={busy}>
        {t(busy ? 'common.loading' : props.done ? 'company.licenceAgain' : 'company.licence')}
        <input
          type="file"
          accept="image/*"
          disabled={busy}
          onChange={(event) => void send(event)}
          data-testid="licence-file"
        />
      </label>
    </Section>
  )
}

interface OwnerDraft {
  name: string
  idNumber: string
  share: string
}

const EMPTY: OwnerDraft = { name: '', idNumber: '', share: '' }

function Owners(props: { companyId: string; done: boolean }) {
  const { t } = useTranslation()
  const [owners, setOwners] = useState<OwnerDraft[]>([EMPTY])
  const [open, setOpen] = useState(!props.done)
  const [touched, setTouched] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const change = (at: number, part: Partial<OwnerDraft>) =>
    setOwners(owners.map((one, index) => (index === at ? { ...one, ...part } : one)))
  const read: (Owner | null)[] = owners.map(({ name, idNumber, share }) => {
    const sharePpm = ppmOf(share)
    if (name.trim() === '' || faultOfIdNumber(idNumber) !== null || sharePpm === null) return null
    return { name: name.trim(), idNumber, sharePpm }
  })
  const good = read.filter((one) => one !== null)
  const fits = sumFits(good.map((one) => one.sharePpm))

  const send = async () => {
    setTouched(true)
    if (good.length < owners.length || !fits || busy) return
    setBusy(true)
    setProblem(null)
    try {
      const params = { companyId: props.companyId }
      await bank.call('PUT /v1/companies/{companyId}/owners', { params, body: { owners: good } })
      companyChanged(props.companyId)
      setOpen(false)
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Section title={t('companyStep.owners')}>
      <p className="lead">{t('company.ownersText')}</p>
      {props.done && !open && (
        <>
          <Note kind="good">{t('company.ownersDone')}</Note>
          <Button block onClick={() => setOpen(true)} data-testid="owners-again">
            {t('company.ownersAgain')}
          </Button>
        </>
      )}
      {open && (
        <Form onSubmit={() => void send()}>
          {owners.map((owner, at) => (
            <fieldset key={at} className="owner" data-testid="owner">
              <legend>{t('company.owner', { at: at + 1 })}</legend>
              <Field
                label={t('identity.name')}
                value={owner.name}
                onValue={(name) => change(at, { name })}
                maxLength={50}
                fault={touched && owner.name.trim() === '' ? t('identity.nameMissing') : undefined}
                testId={`owner-name-${at}`}
              />
              <Field
                label={t('identity.idNumber')}
                value={owner.idNumber}
                onValue={(text) => change(at, { idNumber: text.replace(/\s/g, '').toUpperCase() })}
                maxLength={18}
                spellCheck={false}
                fault={
                  (touched || owner.idNumber.length === 18) && faultOfIdNumber(owner.idNumber)
                    ? t(`idNumber.${faultOfIdNumber(owner.idNumber)}`)
                    : undefined
                }
                testId={`owner-id-${at}`}
              />
              <Field
                label={t('company.share')}
                value={owner.share}
                onValue={(share) => change(at, { share })}
                inputMode="decimal"
                fault={
                  touched && ppmOf(owner.share) === null ? t('company.shareWrong') : undefined
                }
                testId={`owner-share-${at}`}
              />
              {owners.length > 1 && (
                <button
                  type="button"
                  className="link-button"
                  onClick={() => setOwners(owners.filter((_, index) => index !== at))}
                  data-testid={`owner-remove-${at}`}
                >
                  {t('company.ownerRemove')}
                </button>
              )}
            </fieldset>
          ))}
          {touched && !fits && <p className="field-fault">{t('company.shareSum')}</p>}
          {owners.length < OWNERS_MAX && (
            <Button
              block
              fill="none"
              color="primary"
              onClick={() => setOwners([...owners, EMPTY])}
              data-testid="owner-add"
            >
              {t('company.ownerAdd')}
            </Button>
          )}
          {problem && <ProblemNote problem={problem} />}
          <MainButton type="submit" loading={busy} data-testid="owners-submit">
            {t('company.ownersAction')}
          </MainButton>
        </Form>
      )}
    </Section>
  )
}

/** An active company: accounts, payment orders, and users with their roles. */
function Open(props: { company: Company }) {
  const { t } = useTranslation()
  const { company } = props
  const { companyId } = company
  const orders = useOrders(companyId, true)
  return (
    <>
      <Section title={t('accounts.title')} flush>
        {company.accounts.map((account) => (
          <Row
            key={account.accountId}
            title={<span className="digits">{groupByFour(account.accountNumber)}</span>}
            note={t(`accountState.${account.state}`)}
            aside={showMoney(balanceOf(account, 'interimBooked'), tag())}
            to={`/me/companies/${companyId}/accounts/${account.accountId}`}
            testId="company-account"
          />
        ))}
      </Section>
      <Section
        title={t('order.title')}
        flush
        more={
          may(company, 'maker') && (
            <Link to={`/me/companies/${companyId}/orders/new`} className="more" data-testid="new-order">
              <AddOutline aria-hidden /> {t('order.new')}
            </Link>
          )
        }
        testId="orders"
      >
        {orders.isPending && <Waiting />}
        {orders.error && (
          <ProblemNote problem={orders.error} retry={() => void orders.refetch()} />
        )}
        {orders.data?.length === 0 && <p className="list-end">{t('order.none')}</p>}
        {orders.data?.map((order) => (
          <Row
            key={order.orderId}
            title={order.creditorName}
            note={`${t(`orderState.${order.state}`)} · ${showMoment(order.createdAt, tag())}`}
            aside={showMoney(order.instructedAmount, tag())}
            to={`/me/companies/${companyId}/orders/${order.orderId}`}
            testId="order"
          />
        ))}
      </Section>
      <Section flush>
        <Row
          icon={<TeamOutline />}
          title={t('companyUser.title')}
          note={t('companyUser.note')}
          to={`/me/companies/${companyId}/users`}
          testId="to-company-users"
        />
      </Section>
    </>
  )
}
