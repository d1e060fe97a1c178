import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { bank, thisDevice } from '../bank.ts'
import { arrive } from '../queries.ts'
import { Page, Section } from '../ui/kit.tsx'
import { NewPassCode } from '../ui/new-pass-code.tsx'
import { PhoneAndCode } from '../ui/one-time-code.tsx'
import { say } from '../ui/say.ts'

/**
 * A forgotten pass code: a code to the phone opens a session that may set a new one for a few
 * minutes. Whoever leaves in between is signed in and can start here again.
 */
export default function Forgot() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [proven, setProven] = useState(false)
  return (
    <Page title={t('forgot.title')} back="/sign-in" testId="forgot">
      <Section>
        <p className="lead">{t(proven ? 'forgot.choose' : 'forgot.why')}</p>
        {proven ? (
          <NewPassCode
            send={(passCode) => bank.call('PUT /v1/me/pass-code', { body: { passCode } })}
            onDone={() => {
              say(t('passCode.changed'))
              void navigate('/', { replace: true })
            }}
          />
        ) : (
          <PhoneAndCode
            purpose="resetPassCode"
            action={t('common.next')}
            onCode={async (phone, phoneCodeId, code) => {
              const body = { phone, phoneCodeId, code, ...thisDevice() }
              arrive((await bank.call('POST /v1/sessions', { body })).customer)
              setProven(true)
            }}
          />
        )}
      </Section>
    </Page>
  )
}
