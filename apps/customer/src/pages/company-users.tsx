import { TeamOutline } from 'antd-mobile-icons'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useParams } from 'react-router'
import { useFormKey } from '../../../shared/idempotency.ts'
import { mobileOf } from '../../../shared/identifiers.ts'
import { fieldFaults, problemOf, type Problem } from '../../../shared/problem.ts'
import { editAmount, moneyOf, parseMinor, showMoney } from '../../../shared/money.ts'
import { bank } from '../bank.ts'
import { companyChanged, may, useCompany } from '../company-queries.ts'
import type { CompanyRights, CompanyRole, CompanyUserChange } from '../routes-account.ts'
import { NotConfirmed, useStepUp } from '../step-up.tsx'
import { Field, Form, MainButton, Page, ProblemNote, Row, Section, Waiting } from '../ui/kit.tsx'
import { tag } from '../ui/money.tsx'
import { say } from '../ui/say.ts'
import { AskAndAct } from './security.tsx'

const ROLES: CompanyRole[] = ['viewer', 'maker', 'checker', 'admin']

export default function CompanyUsers() {
  const { t } = useTranslation()
  const { companyId = '' } = useParams()
  const stepUp = useStepUp()
  const company = useCompany(companyId).data
  const users = useQuery({
    queryKey: ['companyUsers', companyId],
    queryFn: async () =>
      (await bank.call('GET /v1/companies/{companyId}/users', { params: { companyId } })).items,
  })
  const changes = useQuery({
    queryKey: ['companyUserChanges', companyId],
    queryFn: async () =>
      (await bank.call('GET /v1/companies/{companyId}/user-changes', { params: { companyId } })).items,
  })
  const decides = company !== undefined && (may(company, 'admin') || may(company, 'checker'))
  const isAdmin = company !== undefined && may(company, 'admin')
  return (
    <Page title={t('companyUser.title')} back={`/me/companies/${companyId}`} testId="company-users">
      <p className="lead">{t('companyUser.lead')}</p>
      <Section flush>
        {users.isPending && <Waiting />}
        {users.error && <ProblemNote problem={users.error} retry={() => void users.refetch()} />}
        {users.data?.map((user) => (
          <Row
            key={user.userId}
            icon={<TeamOutline />}
            title={user.name ?? user.phone}
            note={[
              user.roles.map((role) => t(`companyRole.${role}`)).join(' · '),
              user.limit && t('companyUser.upTo', { max: showMoney(user.limit, tag()) }),
            ]
              .filter(Boolean)
              .join(' · ')}
            aside={
              isAdmin &&
              !user.isMe && (
                <AskAndAct
                  button={t('companyUser.remove')}
                  label={`${t('companyUser.remove')}: ${user.name ?? user.phone}`}
                  title={t('companyUser.removeTitle')}
                  text={t('companyUser.removeText', { name: user.name ?? user.phone })}
                  act={async () => {
                    const change = await stepUp(() =>
                      bank.call('DELETE /v1/companies/{companyId}/users/{userId}', {
                        params: { companyId, userId: user.userId },
                      }),
                    )
                    companyChanged(companyId)
                    if (change.state === 'awaitingApproval') say(t('companyUser.waits'))
                  }}
                  done={t('companyUser.asked')}
                  testId="remove-user"
                />
              )
            }
            testId="company-user"
          />
        ))}
      </Section>
      {changes.data && changes.data.length > 0 && (
        <Section title={t('companyUser.changes')} flush>
          {changes.data.map((change) => (
            <Waits key={change.changeId} companyId={companyId} change={change} decides={decides} />
          ))}
        </Section>
      )}
      {isAdmin && <NewUser companyId={companyId} />}
    </Page>
  )
}

/** A change that awaits a second person: values before and after, and the decision. */
function Waits(props: { companyId: string; change: CompanyUserChange; decides: boolean }) {
  const { t } = useTranslation()
  const stepUp = useStepUp()
  const { change, companyId } = props
  const rights = (of: CompanyRights) =>
    [
      of.roles.length === 0 ? t('companyUser.noRole') : of.roles.map((role) => t(`companyRole.${role}`)).join(' · '),
      of.limit && t('companyUser.upTo', { max: showMoney(of.limit, tag()) }),
    ]
      .filter(Boolean)
      .join(' · ')
  const decide = async (decision: 'approve' | 'refuse' | 'withdraw') => {
    const body = { decision }
    await stepUp(() =>
      bank.call('POST /v1/companies/{companyId}/user-changes/{changeId}/decisions', {
        params: { companyId, changeId: change.changeId },
        body,
        key: crypto.randomUUID(),
      }),
    )
    companyChanged(companyId)
  }
  const ask = (decision: 'approve' | 'refuse' | 'withdraw') => (
    <AskAndAct
      button={t(`companyUser.${decision}`)}
      label={`${t(`companyUser.${decision}`)}: ${change.name}`}
      title={t(`companyUser.${decision}`)}
      text={t('companyUser.changeText', {
        name: change.name,
        before: rights(change.before),
        after: rights(change.after),
        maker: change.maker,
      })}
      act={() => decide(decision)}
      done={t('companyUser.decided')}
      testId={`${decision}-change`}
    />
  )
  return (
    <Row
      icon={<TeamOutline />}
      title={change.name}
      note={t('companyUser.fromTo', { before: rights(change.before), after: rights(change.after) })}
      aside={
        change.isMine ? (
          ask('withdraw')
        ) : props.decides ? (
          <>
            {ask('approve')}
            {ask('refuse')}
          </>
        ) : undefined
      }
      testId="company-change"
    />
  )
}

function NewUser(props: { companyId: string }) {
  const { t } = useTranslation()
  const stepUp = useStepUp()
  const formKey = useFormKey()
  const [phone, setPhone] = useState('')
  const [roles, setRoles] = useState<CompanyRole[]>([])
  const [limit, setLimit] = useState('')
  const [touched, setTouched] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const mobile = mobileOf(phone)
  const minor = parseMinor(limit)
  const max = minor === null || minor === 0n ? null : moneyOf(minor)
  const faults = problem ? fieldFaults(problem, ['phone', 'roles', 'limit']).byField : {}
  const add = async () => {
    setTouched(true)
    if (!mobile || roles.length === 0 || (limit !== '' && !max) || busy) return
    setBusy(true)
    setProblem(null)
    try {
      const params = { companyId: props.companyId }
      const body = { phone: mobile, roles, ...(max ? { limit: max } : {}) }
      const change = await stepUp(
        () =>
          bank.call('POST /v1/companies/{companyId}/users', {
            params,
            body,
            key: formKey.keyFor(body),
          }),
        { onRepeat: (again) => formKey.refused(again) },
      )
      say(t(change.state === 'awaitingApproval' ? 'companyUser.waits' : 'companyUser.added'))
      companyChanged(props.companyId)
      setPhone('')
      setRoles([])
      setLimit('')
      setTouched(false)
    } catch (error) {
      if (error instanceof NotConfirmed) return
      formKey.refused(problemOf(error))
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Section title={t('companyUser.new')}>
      <Form onSubmit={() => void add()}>
        <Field
          label={t('phone.label')}
          value={phone}
          onValue={setPhone}
          type="tel"
          inputMode="tel"
          hint={t('companyUser.phoneHint')}
          fault={faults.phone ?? (touched && !mobile ? t('phone.wrong') : undefined)}
          testId="user-phone"
        />
        <fieldset className="ticks">
          <legend>{t('companyUser.roles')}</legend>
          {ROLES.map((role) => (
            <label key={role} className="tick">
              <input
                type="checkbox"
                checked={roles.includes(role)}
                onChange={(event) =>
                  setRoles(ROLES.filter((one) => (one === role ? event.target.checked : roles.includes(one))))
                }
                data-testid={`role-${role}`}
              />
              <span>
                {t(`companyRole.${role}`)} <small>{t(`companyRoleNote.${role}`)}</small>
              </span>
            </label>
          ))}
          {touched && roles.length === 0 && (
            <p className="field-fault" role="alert">
              {faults.roles ?? t('companyUser.rolesMissing')}
            </p>
          )}
        </fieldset>
        <Field
          label={t('companyUser.limit')}
          value={limit}
          onValue={(text) => setLimit(editAmount(text, 2) ?? limit)}
          inputMode="decimal"
          placeholder="0.00"
          fault={limit.includes(',') ? t('money.comma') : faults.limit}
          testId="user-limit"
        />
        {problem && <ProblemNote problem={problem} />}
        <MainButton type="submit" loading={busy} data-testid="add-user">
          {t('companyUser.add')}
        </MainButton>
      </Form>
    </Section>
  )
}
