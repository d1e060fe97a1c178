import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { bank } from '../bank.ts'
import { useBank } from '../queries.ts'
import { useStepUp } from '../step-up.tsx'
import { CodeField, Page, Section } from '../ui/kit.tsx'
import { say } from '../ui/say.ts'
import { NewPassCode } from '../ui/new-pass-code.tsx'

export default function PassCode() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const stepUp = useStepUp()
  const length = useBank().data?.passCodeLength ?? 6
  const [old, setOld] = useState('')
  return (
    <Page title={t('security.passCode')} back="/me/security" testId="pass-code-page">
      <Section>
        <CodeField
          label={t('passCode.old')}
          value={old}
          onValue={setOld}
          length={length}
          secret
          testId="old-pass-code"
        />
        {old.length === length && (
          <NewPassCode
            send={(passCode) =>
              stepUp(() =>
                bank.call('PUT /v1/me/pass-code', { body: { passCode, oldPassCode: old } }),
              )
            }
            onDone={() => {
              say(t('passCode.changed'))
              void navigate('/me/security', { replace: true })
            }}
          />
        )}
      </Section>
    </Page>
  )
}
