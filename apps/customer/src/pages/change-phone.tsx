import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { useState } from 'react'
import { bank } from '../bank.ts'
import { arrive, useMe } from '../queries.ts'
import { NotConfirmed, useStepUp } from '../step-up.tsx'
import { Note, Page, Section } from '../ui/kit.tsx'
import { PhoneAndCode } from '../ui/one-time-code.tsx'
import { say } from '../ui/say.ts'

/**
 * The code goes to the new number; the pass code, and the face if the bank requires it, verify the
 * customer.
 */
export default function ChangePhone() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const stepUp = useStepUp()
  const me = useMe().data
  const [stopped, setStopped] = useState(false)
  return (
    <Page title={t('security.phone')} back="/me/security" testId="change-phone-page">
      <p className="lead">{t('changePhone.lead', { phone: me?.phone ?? '' })}</p>
      <Section>
        <PhoneAndCode
          purpose="changePhone"
          action={t('changePhone.action')}
          onCode={async (phone, phoneCodeId, code) => {
            setStopped(false)
            const body = { phone, phoneCodeId, code }
            try {
              arrive(await stepUp(() => bank.call('PUT /v1/me/phone', { body })))
              say(t('changePhone.done'))
              await navigate('/me/security', { replace: true })
            } catch (error) {
              if (!(error instanceof NotConfirmed)) throw error
              setStopped(true)
            }
          }}
        />
        {stopped && <Note kind="wait">{t('changePhone.stopped')}</Note>}
      </Section>
      <Note kind="info">{t('changePhone.effect')}</Note>
    </Page>
  )
}
