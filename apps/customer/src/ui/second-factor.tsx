import { KeyOutline } from 'antd-mobile-icons'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { bank } from '../bank.ts'
import { askPasskey, hasPasskeys, isDeclined } from '../passkeys.ts'
import { usePasskeys, useTotp } from '../security-queries.ts'
import { CodeField, MainButton, Note, ProblemNote, Waiting } from './kit.tsx'

/** A passkey, or the code of an authenticator app, whichever the customer has. */
export default function SecondFactor(props: {
  onGiven: () => void
  onLeave: () => void
  /** a time code is not accepted */
  onlyPasskey?: boolean
  /** a face check is accepted as well */
  onFace?: () => void
}) {
  const { t } = useTranslation()
  const passkeys = usePasskeys()
  const totp = useTotp()
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [declined, setDeclined] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const error = passkeys.error ?? totp.error
  if (error && (!passkeys.data || !totp.data)) return <ProblemNote problem={error} />
  if (!passkeys.data || !totp.data) return <Waiting lines={3} />
  const withPasskey = passkeys.data.length > 0 && hasPasskeys()
  const withTotp = totp.data.state === 'active' && !props.onlyPasskey

  const run = async (act: () => Promise<unknown>) => {
    setBusy(true)
    setDeclined(false)
    setProblem(null)
    try {
      await act()
      props.onGiven()
    } catch (failed) {
      if (isDeclined(failed)) setDeclined(true)
      else setProblem(problemOf(failed))
      setCode('')
    } finally {
      setBusy(false)
    }
  }
  const passkey = () =>
    run(async () => {
      const { publicKey } = await bank.call('POST /v1/passkeys/assertion-options')
      const credential = await askPasskey(publicKey)
      await bank.call('POST /v1/passkeys/assertions', { body: { credential } })
    })
  const time = (full: string) =>
    run(() => bank.call('POST /v1/totp/assertions', { body: { code: full } }))

  if (!withPasskey && !withTotp) {
    return (
      <Note kind="wait" testId="no-second-factor">
        <p>{t('stepUp.noSecond')}</p>
        {props.onFace && <FaceInstead onFace={props.onFace} />}
        <Link to="/me/security" onClick={props.onLeave}>
          {t('security.title')}
        </Link>
      </Note>
    )
  }
  return (
    <>
      <p className="sheet-text">{t(withPasskey ? 'stepUp.passkey' : 'stepUp.totp')}</p>
      {withPasskey && (
        <MainButton loading={busy} onClick={() => void passkey()} data-testid="step-up-passkey">
          <span className="with-icon centred">
            <KeyOutline aria-hidden /> {t('stepUp.usePasskey')}
          </span>
        </MainButton>
      )}
      {withPasskey && withTotp && <p className="or">{t('stepUp.or')}</p>}
      {withTotp && (
        <CodeField
          label={t('totp.code')}
          value={code}
          onValue={setCode}
          onFull={(full) => void time(full)}
          oneTime
          autoFocus={!withPasskey}
          disabled={busy}
          testId="step-up-totp"
        />
      )}
      {declined && <Note kind="wait">{t('passkey.declined')}</Note>}
      {problem && <ProblemNote problem={problem} />}
      {props.onFace && <FaceInstead onFace={props.onFace} />}
    </>
  )
}

function FaceInstead(props: { onFace: () => void }) {
  const { t } = useTranslation()
  return (
    <button
      type="button"
      className="link-button"
      onClick={props.onFace}
      data-testid="step-up-face-instead"
    >
      {t('stepUp.faceInstead')}
    </button>
  )
}
