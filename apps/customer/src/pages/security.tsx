import { Button } from 'antd-mobile'
import {
  CheckShieldOutline,
  ClockCircleOutline,
  KeyOutline,
  LockOutline,
  PhonebookOutline,
  PhoneFill,
} from 'antd-mobile-icons'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { showInstant, showMoment } from '../../../shared/format.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { bank } from '../bank.ts'
import { leave, queries, useMe, useSessions } from '../queries.ts'
import type { Device } from '../routes-security.ts'
import { SECURITY_QUERIES, useDevices, useSecurity } from '../security-queries.ts'
import { NotConfirmed, useStepUp } from '../step-up.tsx'
import { Confirm, Page, ProblemNote, Row, Section, Waiting } from '../ui/kit.tsx'
import { say } from '../ui/say.ts'
import { tag } from '../ui/money.tsx'

const EVENTS_SHOWN = 10

export default function Security() {
  const { t } = useTranslation()
  const me = useMe().data
  const security = useSecurity().data
  return (
    <Page title={t('security.title')} back="/me" testId="security">
      <Section flush>
        <Row
          icon={<LockOutline />}
          title={t('security.passCode')}
          note={
            security?.passCodeAt &&
            t('security.since', { time: showInstant(security.passCodeAt, tag()) })
          }
          to="/me/pass-code"
          testId="change-pass-code"
        />
        <Row
          icon={<PhoneFill />}
          title={t('security.phone')}
          note={me?.phone}
          to="/me/phone"
          testId="change-phone-number"
        />
        <Row
          icon={<KeyOutline />}
          title={t('passkey.title')}
          note={security && t('passkey.count', { count: security.passkeys })}
          to="/me/passkeys"
          testId="to-passkeys"
        />
        <Row
          icon={<ClockCircleOutline />}
          title={t('totp.title')}
          note={security && t(security.totp ? 'totp.on' : 'totp.off')}
          to="/me/totp"
          testId="to-totp"
        />
      </Section>
      <Devices />
      <Sessions />
      <Everywhere />
      <Events />
    </Page>
  )
}

function Devices() {
  const { t } = useTranslation()
  const devices = useDevices()
  if (devices.data?.length === 0) return null
  return (
    <Section title={t('security.devices')} flush testId="devices">
      {devices.isPending && <Waiting />}
      {devices.error && (
        <ProblemNote problem={devices.error} retry={() => void devices.refetch()} />
      )}
      {devices.data?.map((device) => (
        <Row
          key={device.deviceId}
          icon={<PhonebookOutline />}
          title={device.name}
          note={
            <>
              {t(device.isTrusted ? 'security.trusted' : 'security.newDevice')} ·{' '}
              {t('security.lastSeen', { time: showMoment(device.lastSeenAt, tag()) })}
            </>
          }
          aside={
            device.isCurrent ? (
              <span className="tag good">{t('security.thisOne')}</span>
            ) : (
              <RemoveDevice device={device} />
            )
          }
          testId="device"
        />
      ))}
    </Section>
  )
}

function RemoveDevice(props: { device: Device }) {
  const { t } = useTranslation()
  const stepUp = useStepUp()
  const { deviceId, name } = props.device
  return (
    <AskAndAct
      button={t('security.remove')}
      label={`${t('security.remove')}: ${name}`}
      title={t('security.removeTitle')}
      text={t('security.removeText', { name })}
      act={() =>
        stepUp(() => bank.call('DELETE /v1/devices/{deviceId}', { params: { deviceId } }))
      }
      done={t('security.removed')}
      testId="remove-device"
    />
  )
}

function Sessions() {
  const { t } = useTranslation()
  const sessions = useSessions()
  return (
    <Section title={t('security.sessions')} flush>
      {sessions.isPending && <Waiting />}
      {sessions.error && (
        <ProblemNote problem={sessions.error} retry={() => void sessions.refetch()} />
      )}
      {sessions.data?.map((session) => {
        const { sessionId, deviceName } = session
        return (
          <Row
            key={sessionId}
            icon={<CheckShieldOutline />}
            title={deviceName}
            note={t('security.lastSeen', { time: showMoment(session.lastSeenAt, tag()) })}
            aside={
              session.current ? (
                <span className="tag good">{t('security.thisOne')}</span>
              ) : (
                <AskAndAct
                  button={t('security.end')}
                  label={`${t('security.end')}: ${deviceName}`}
                  title={t('security.endTitle')}
                  text={t('security.endText', { name: deviceName })}
                  act={() => bank.call('DELETE /v1/sessions/{sessionId}', { params: { sessionId } })}
                  done={t('security.ended')}
                  testId="end-session"
                />
              )
            }
            testId="session"
          />
        )
      })}
    </Section>
  )
}

/** For a lost phone: signs out all other devices, or all of them. */
function Everywhere() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const others = (useSessions().data ?? []).filter((session) => !session.current)
  const end = (keepCurrent: boolean) =>
    bank.call('DELETE /v1/sessions', { query: { keepCurrent } })
  return (
    <div className="foot-actions">
      {others.length > 0 && (
        <AskAndAct
          block
          button={t('security.endAll')}
          title={t('security.endTitle')}
          text={t('security.endAllText', { count: others.length })}
          act={() => end(true)}
          done={t('security.ended')}
          testId="end-other-sessions"
        />
      )}
      <AskAndAct
        block
        button={t('security.everywhere')}
        title={t('security.everywhereTitle')}
        text={t('security.everywhereText')}
        act={async () => {
          await end(false)
          leave()
          await navigate('/sign-in', { replace: true })
        }}
        done={t('security.ended')}
        testId="sign-out-everywhere"
      />
    </div>
  )
}

function Events() {
  const { t, i18n } = useTranslation()
  const security = useSecurity()
  return (
    <Section title={t('security.events')} flush testId="security-events">
      {security.isPending && <Waiting />}
      {security.error && (
        <ProblemNote problem={security.error} retry={() => void security.refetch()} />
      )}
      {security.data?.events.length === 0 && (
        <p className="list-end">{t('security.noEvents')}</p>
      )}
      {security.data?.events.slice(0, EVENTS_SHOWN).map((event, at) => (
        <Row
          key={`${event.at}-${at}`}
          title={
            i18n.exists(`securityEvent.${event.kind}`)
              ? t(`securityEvent.${event.kind}`)
              : t('securityEvent.other')
          }
          note={[
            showInstant(event.at, tag()),
            event.device,
            event.times && `× ${event.times}`,
          ]
            .filter(Boolean)
            .join(' · ')}
          testId="security-event"
        />
      ))}
    </Section>
  )
}

/** A button with a confirmation, the action, and a toast with its result. */
export function AskAndAct(props: {
  button: string
  label?: string
  title: string
  text: ReactNode
  act: () => Promise<unknown>
  done: string
  testId: string
  block?: boolean
}) {
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const run = async () => {
    setBusy(true)
    setProblem(null)
    try {
      await props.act()
      setAsking(false)
      say(props.done)
    } catch (error) {
      if (!(error instanceof NotConfirmed)) setProblem(problemOf(error))
    } finally {
      setBusy(false)
      for (const name of SECURITY_QUERIES) void queries.invalidateQueries({ queryKey: [name] })
    }
  }
  return (
    <>
      <Button
        {...(props.block ? { block: true, size: 'large' as const } : { size: 'small' as const })}
        onClick={() => setAsking(true)}
        aria-label={props.label}
        data-testid={props.testId}
      >
        {props.button}
      </Button>
      <Confirm
        open={asking}
        title={props.title}
        text={props.text}
        action={props.button}
        danger
        busy={busy}
        problem={problem}
        onClose={() => setAsking(false)}
        onConfirm={() => void run()}
        testId={`${props.testId}-sheet`}
      />
    </>
  )
}
