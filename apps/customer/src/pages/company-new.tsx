import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { showDate } from '../../../shared/format.ts'
import { useFormKey } from '../../../shared/idempotency.ts'
import { faultOfUscc } from '../../../shared/identifiers.ts'
import { fieldFaults, problemOf, type Problem } from '../../../shared/problem.ts'
import { bank } from '../bank.ts'
import { companyChanged } from '../company-queries.ts'
import type { CompanyCheck, CompanyKind } from '../routes-account.ts'
import { NotConfirmed, useStepUp } from '../step-up.tsx'
import { Choice, Facts, Field, Form, MainButton, Note, Page, ProblemNote, Section } from '../ui/kit.tsx'
import { tag } from '../ui/money.tsx'

/**
 * The code comes first: the registry returns name and kind for it. A face check verifies the
 * representative.
 */
export default function NewCompany() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const stepUp = useStepUp()
  const formKey = useFormKey()
  const [uscc, setUscc] = useState('')
  const [found, setFound] = useState<CompanyCheck | null>(null)
  const [name, setName] = useState('')
  const [kind, setKind] = useState<CompanyKind>('company')
  const [licenceNumber, setLicenceNumber] = useState('')
  const [touched, setTouched] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const local = faultOfUscc(uscc)
  const faults = problem ? fieldFaults(problem, ['uscc', 'name', 'licenceNumber']).byField : {}

  const run = async (act: () => Promise<void>) => {
    setTouched(true)
    if (busy) return
    setBusy(true)
    setProblem(null)
    try {
      await act()
    } catch (error) {
      if (error instanceof NotConfirmed) return
      formKey.refused(problemOf(error))
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  const look = () =>
    run(async () => {
      if (local !== null) return
      const answer = await bank.call('GET /v1/company-checks', { query: { uscc } })
      setFound(answer)
      if (answer.name) setName(answer.name)
      if (answer.kind) setKind(answer.kind)
      setTouched(false)
    })
  const register = () =>
    run(async () => {
      if (name.trim() === '') return
      const body = {
        uscc,
        name: name.trim(),
        kind,
        ...(licenceNumber.trim() ? { licenceNumber: licenceNumber.trim() } : {}),
      }
      const company = await stepUp(
        () => bank.call('POST /v1/companies', { body, key: formKey.keyFor(body) }),
        { onRepeat: (again) => formKey.refused(again) },
      )
      companyChanged(company.companyId)
      await navigate(`/me/companies/${company.companyId}`, { replace: true })
    })
  const known = found !== null && found.isValid && !!found.name
  return (
    <Page title={t('company.register')} back="/me/companies" testId="new-company">
      <p className="lead">{t('company.who')}</p>
      <Section>
        <Form onSubmit={() => void (found?.isValid ? register() : look())}>
          <Field
            label={t('company.uscc')}
            value={uscc}
            onValue={(text) => {
              setUscc(text.replace(/\s/g, '').toUpperCase().slice(0, 18))
              setFound(null)
              setProblem(null)
            }}
            autoCapitalize="characters"
            spellCheck={false}
            hint={local === null ? t('company.usccGood') : t('company.usccHint')}
            fault={
              faults.uscc ??
              ((touched && !found) || uscc.length === 18
                ? local
                  ? t(`usccFault.${local}`)
                  : undefined
                : undefined)
            }
            testId="uscc"
          />
          {found && !known && (
            <Note kind="wait" testId="company-unknown">
              {t(found.isValid ? 'company.unknown' : 'usccFault.checkDigit')}
            </Note>
          )}
          {known && found.registeredAt && (
            <Facts
              items={[[t('company.registeredAt'), showDate(found.registeredAt.slice(0, 10), tag())]]}
            />
          )}
          {found?.isValid && (
            <>
              <Field
                label={t('company.name')}
                value={name}
                onValue={setName}
                maxLength={100}
                fault={
                  faults.name ??
                  (touched && name.trim() === '' ? t('company.nameMissing') : undefined)
                }
                testId="company-name"
              />
              <Choice
                label={t('company.kind')}
                value={kind}
                options={(['company', 'soleTrader'] as const).map((value) => ({
                  value,
                  text: t(`companyKind.${value}`),
                }))}
                onValue={setKind}
                testId="company-kind"
              />
              <Field
                label={t('company.licenceNumber')}
                value={licenceNumber}
                onValue={setLicenceNumber}
                maxLength={30}
                fault={faults.licenceNumber}
                testId="licence-number"
              />
              <Note kind="info">{t('company.face')}</Note>
            </>
          )}
          {problem && <ProblemNote problem={problem} />}
          <MainButton type="submit" loading={busy} data-testid="company-submit">
            {t(found?.isValid ? 'company.registerAction' : 'company.look')}
          </MainButton>
        </Form>
      </Section>
    </Page>
  )
}
