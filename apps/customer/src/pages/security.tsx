import { Button } from 'antd-mobile'
import { KeyOutline, PhonebookOutline } from 'antd-mobile-icons'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Session } from '../../../shared/api.ts'
import { showInstant } from '../../../shared/format.ts'
import { problemOf, type Problem } from '../../../shared/problem.ts'
import { bank } from '../bank.ts'
import { queries, useSessions } from '../queries.ts'
import { Confirm, Page, ProblemNote, Row, Section, Waiting } from '../ui/kit.tsx'
import { say } from '../ui/say.ts'
import { tag } from '../ui/money.tsx'

export default function Security() {
  const { t } = useTranslation()
  const sessions = useSessions()
  const others = (sessions.data ?? []).filter((session) => !session.current)
  return (
    <Page title={t('security.title')} back="/me" testId="security">
      <Section flush>
        <Row
          icon={<KeyOutline />}
          title={t('security.passCode')}
          to="/me/pass-code"
          testId="change-pass-code"
        />
      </Section>
      <Section title={t('security.sessions')} flush>
        {sessions.isPending && <Waiting />}
        {sessions.error && (
          <ProblemNote problem={sessions.error} retry={() => void sessions.refetch()} />
        )}
        {sessions.data?.map((session) => (
          <Row
            key={session.sessionId}
            icon={<PhonebookOutline />}
            title={session.deviceName}
            note={t('security.lastSeen', { time: showInstant(session.lastSeenAt, tag()) })}
            aside={
              session.current ? (
                <span className="tag good">{t('security.thisOne')}</span>
              ) : (
                <EndSession sessions={[session]} />
              )
            }
            testId="session"
          />
        ))}
      </Section>
      {others.length > 1 && <EndSession sessions={others} all />}
    </Page>
  )
}

function EndSession(props: { sessions: Session[]; all?: boolean }) {
  const { t } = useTranslation()
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const end = async () => {
    setBusy(true)
    setProblem(null)
    try {
      for (const { sessionId } of props.sessions) {
        await bank.call('DELETE /v1/sessions/{sessionId}', { params: { sessionId } })
      }
      setAsking(false)
      say(t('security.ended'))
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
      await queries.invalidateQueries({ queryKey: ['sessions'] })
    }
  }
  const name = props.sessions[0]?.deviceName ?? ''
  return (
    <>
      <Button
        {...(props.all ? { block: true, size: 'large' as const } : { size: 'small' as const })}
        onClick={() => setAsking(true)}
        aria-label={props.all ? undefined : `${t('security.end')}: ${name}`}
        data-testid={props.all ? 'end-other-sessions' : 'end-session'}
      >
        {t(props.all ? 'security.endAll' : 'security.end')}
      </Button>
      <Confirm
        open={asking}
        title={t('security.endTitle')}
        text={
          props.all
            ? t('security.endAllText', { count: props.sessions.length })
            : t('security.endText', { name })
        }
        action={t('security.end')}
        danger
        busy={busy}
        problem={problem}
        onClose={() => setAsking(false)}
        onConfirm={() => void end()}
        testId="end-session-sheet"
      />
    </>
  )
}
