import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { showDate } from '../../../shared/format.ts'
import { useFormKey } from '../../../shared/idempotency.ts'
import { faultOfIdNumber } from '../../../shared/identifiers.ts'
import { fieldFaults, problemOf, type Problem } from '../../../shared/problem.ts'
import type { Customer } from '../../../shared/api.ts'
import { bank } from '../bank.ts'
import { confirmationOf, missingIn, type Draft } from '../confirmation.ts'
import type { Check } from '../routes-identity.ts'
import { CheckList } from './check-list.tsx'
import { Choice, Facts, Field, Form, MainButton, Note, ProblemNote } from './kit.tsx'
import { RetryAt } from './retry-at.tsx'
import { tag } from './money.tsx'

const FIELDS = [
  'name',
  'sex',
  'birthDate',
  'address',
  'idNumber',
  'issuer',
  'validFrom',
  'validUntil',
] as const

/**
 * The card reading, to be confirmed. Name and address can be corrected; numbers and dates are shown as
 * read, and typed only if they could not be read.
 */
export function ConfirmCard(props: {
  read: Draft
  onConfirmed: (answer: { customer: Customer; checks: Check[]; corrections: string[] }) => void
}) {
  const { t } = useTranslation()
  const formKey = useFormKey()
  const { read } = props
  const [draft, setDraft] = useState<Draft>(read)
  const [touched, setTouched] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const change = (part: Partial<Draft>) => {
    setDraft({ ...draft, ...part })
    setProblem(null)
  }
  const missing = missingIn(draft)
  const faults = problem ? fieldFaults(problem, FIELDS).byField : {}
  const checks = (problem?.body.checks ?? []) as Check[]

  const submit = async () => {
    setTouched(true)
    const body = confirmationOf(draft)
    if (!body || busy) return
    setBusy(true)
    setProblem(null)
    try {
      const key = formKey.keyFor(body)
      props.onConfirmed(await bank.call('POST /v1/me/id-confirmation', { body, key }))
    } catch (error) {
      formKey.refused(problemOf(error))
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  const faultOf = (name: (typeof FIELDS)[number]) =>
    faults[name] ?? (touched && missing.includes(name) ? t('confirmId.missing') : undefined)
  const corrected = (name: 'name' | 'address') =>
    draft[name].trim() !== read[name] && read[name] !== '' ? (
      <span className="corrected" data-testid={`${name}-corrected`}>
        {t('confirmId.corrected', { read: read[name] })}
      </span>
    ) : read[name] === '' ? (
      t('confirmId.unread')
    ) : (
      t('confirmId.mayCorrect')
    )
  const idFault =
    faultOf('idNumber') ??
    (touched && faultOfIdNumber(draft.idNumber) !== null
      ? t(`idNumber.${faultOfIdNumber(draft.idNumber)}`)
      : undefined)
  return (
    <Form onSubmit={() => void submit()} testId="confirm-id">
      <p className="lead">{t('confirmId.lead')}</p>
      <Field
        label={t('identity.name')}
        value={draft.name}
        onValue={(name) => change({ name })}
        autoComplete="name"
        maxLength={50}
        hint={corrected('name')}
        fault={faultOf('name')}
        testId="confirm-name"
      />
      <Field
        label={t('confirmId.address')}
        value={draft.address}
        onValue={(address) => change({ address })}
        autoComplete="street-address"
        maxLength={100}
        hint={corrected('address')}
        fault={faultOf('address')}
        testId="confirm-address"
      />
      <Facts
        testId="read-fields"
        items={[
          [t('confirmId.sex'), read.sex && t(`sex.${read.sex}`)],
          [t('confirmId.nation'), read.nation],
          [t('confirmId.birthDate'), read.birthDate && showDate(read.birthDate, tag())],
          [
            t('identity.idNumber'),
            read.idNumber && <span className="digits">{read.idNumber}</span>,
          ],
          [t('confirmId.issuer'), read.issuer],
          [
            t('confirmId.validity'),
            read.validFrom &&
              (read.isLongTerm || read.validUntil) &&
              t('confirmId.range', {
                from: showDate(read.validFrom, tag()),
                until: read.isLongTerm
                  ? t('confirmId.longTerm')
                  : showDate(read.validUntil, tag()),
              }),
          ],
        ]}
      />
      {/* Fields that could not be read are typed. */}
      {read.sex === '' && (
        <Choice
          label={t('confirmId.sex')}
          value={draft.sex === '' ? ('none' as never) : draft.sex}
          options={(['female', 'male'] as const).map((value) => ({ value, text: t(`sex.${value}`) }))}
          onValue={(sex) => change({ sex })}
          testId="confirm-sex"
        />
      )}
      {read.birthDate === '' && (
        <Field
          type="date"
          label={t('confirmId.birthDate')}
          value={draft.birthDate}
          onValue={(birthDate) => change({ birthDate })}
          fault={faultOf('birthDate')}
          testId="confirm-birth-date"
        />
      )}
      {read.idNumber === '' && (
        <Field
          label={t('identity.idNumber')}
          value={draft.idNumber}
          onValue={(text) => change({ idNumber: text.replace(/\s/g, '').toUpperCase() })}
          autoCapitalize="characters"
          spellCheck={false}
          maxLength={18}
          hint={t('identity.idHint')}
          fault={idFault}
          testId="confirm-id-number"
        />
      )}
      {read.issuer === '' && (
        <Field
          label={t('confirmId.issuer')}
          value={draft.issuer}
          onValue={(issuer) => change({ issuer })}
          maxLength={60}
          fault={faultOf('issuer')}
          testId="confirm-issuer"
        />
      )}
      {read.validFrom === '' && (
        <Field
          type="date"
          label={t('confirmId.validFrom')}
          value={draft.validFrom}
          onValue={(validFrom) => change({ validFrom })}
          fault={faultOf('validFrom')}
          testId="confirm-valid-from"
        />
      )}
      {read.validUntil === '' && !read.isLongTerm && (
        <>
          <Choice
            label={t('confirmId.validity')}
            value={draft.isLongTerm ? 'longTerm' : 'date'}
            options={[
              { value: 'date', text: t('confirmId.untilDate') },
              { value: 'longTerm', text: t('confirmId.longTerm') },
            ]}
            onValue={(kind) => change({ isLongTerm: kind === 'longTerm', validUntil: '' })}
            testId="confirm-validity"
          />
          {!draft.isLongTerm && (
            <Field
              type="date"
              label={t('confirmId.validUntil')}
              value={draft.validUntil}
              onValue={(validUntil) => change({ validUntil })}
              fault={faultOf('validUntil')}
              testId="confirm-valid-until"
            />
          )}
        </>
      )}
      {checks.length > 0 && <CheckList checks={checks} />}
      {problem && <ProblemNote problem={problem} />}
      {problem && <RetryAt problem={problem} />}
      <MainButton type="submit" loading={busy} data-testid="confirm-submit">
        {t('confirmId.action')}
      </MainButton>
      <Note kind="info">{t('confirmId.figures')}</Note>
    </Form>
  )
}
