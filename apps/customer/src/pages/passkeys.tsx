import { KeyOutline } from 'antd-mobile-icons'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { bankDate, showDate, showMoment } from '../../../shared/format.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { bank, thisDevice } from '../bank.ts'
import { createPasskey, hasPasskeys, isAlreadyThere, isDeclined } from '../passkeys.ts'
import { queries } from '../queries.ts'
import { SECURITY_QUERIES, usePasskeys } from '../security-queries.ts'
import { NotConfirmed, useStepUp } from '../step-up.tsx'
import {
  Empty,
  Field,
  Form,
  MainButton,
  Note,
  Page,
  ProblemNote,
  Row,
  Section,
  Waiting,
} from '../ui/kit.tsx'
import { tag } from '../ui/money.tsx'
import { say } from '../ui/say.ts'
import { AskAndAct } from './security.tsx'

export default function Passkeys() {
  const { t } = useTranslation()
  const stepUp = useStepUp()
  const passkeys = usePasskeys()
  return (
    <Page title={t('passkey.title')} back="/me/security" testId="passkeys">
      <p className="lead">{t('passkey.lead')}</p>
      <Section flush>
        {passkeys.isPending && <Waiting />}
        {passkeys.error && (
          <ProblemNote problem={passkeys.error} retry={() => void passkeys.refetch()} />
        )}
        {passkeys.data?.length === 0 && <Empty icon={<KeyOutline />} text={t('passkey.none')} />}
        {passkeys.data?.map(({ passkeyId, name, createdAt, lastUsedAt }) => (
          <Row
            key={passkeyId}
            icon={<KeyOutline />}
            title={name}
            note={
              lastUsedAt
                ? t('passkey.used', { time: showMoment(lastUsedAt, tag()) })
                : t('passkey.made', { date: showDate(bankDate(new Date(createdAt)), tag()) })
            }
            aside={
              <AskAndAct
                button={t('passkey.remove')}
                label={`${t('passkey.remove')}: ${name}`}
                title={t('passkey.removeTitle')}
                text={t('passkey.removeText', { name })}
                act={() =>
                  stepUp(() =>
                    bank.call('DELETE /v1/passkeys/{passkeyId}', { params: { passkeyId } }),
                  )
                }
                done={t('passkey.removed')}
                testId="remove-passkey"
              />
            }
            testId="passkey"
          />
        ))}
      </Section>
      <Section title={t('passkey.new')}>
        {hasPasskeys() ? <NewPasskey /> : <Note kind="wait">{t('passkey.unsupported')}</Note>}
      </Section>
    </Page>
  )
}

function NewPasskey() {
  const { t } = useTranslation()
  const stepUp = useStepUp()
  const [name, setName] = useState(() => thisDevice().deviceName)
  const [busy, setBusy] = useState(false)
  const [declined, setDeclined] = useState<'declined' | 'already' | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const make = async () => {
    if (busy || name.trim() === '') return
    setBusy(true)
    setDeclined(null)
    setProblem(null)
    try {
      const { publicKey } = await stepUp(() => bank.call('POST /v1/passkeys/options'))
      const credential = await createPasskey(publicKey)
      await stepUp(() =>
        bank.call('POST /v1/passkeys', { body: { credential, name: name.trim() } }),
      )
      say(t('passkey.added'))
      for (const one of SECURITY_QUERIES) void queries.invalidateQueries({ queryKey: [one] })
    } catch (error) {
      if (isDeclined(error)) setDeclined('declined')
      else if (isAlreadyThere(error)) setDeclined('already')
      else if (!(error instanceof NotConfirmed)) setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Form onSubmit={() => void make()}>
      <Field
        label={t('passkey.name')}
        value={name}
        onValue={setName}
        maxLength={40}
        hint={t('passkey.nameHint')}
        testId="passkey-name"
      />
      {declined && (
        <Note kind="wait" testId="passkey-declined">
          {t(`passkey.${declined}`)}
        </Note>
      )}
      {problem && <ProblemNote problem={problem} />}
      <MainButton
        type="submit"
        loading={busy}
        disabled={name.trim() === ''}
        data-testid="add-passkey"
      >
        {t('passkey.add')}
      </MainButton>
    </Form>
  )
}
