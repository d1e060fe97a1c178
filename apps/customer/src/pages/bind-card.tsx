import { FaceRecognitionOutline } from 'antd-mobile-icons'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { queries, useCards } from '../queries.ts'
import { BindCardForm } from '../ui/bind-card-form.tsx'
import { Note, Page, Section } from '../ui/kit.tsx'
import { say } from '../ui/say.ts'

export default function BindCard() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const second = (useCards().data?.length ?? 0) > 0
  return (
    <Page title={t('bind.title')} back="/me/cards" testId="bind-card">
      {second && (
        <Note kind="info" testId="second-card-note">
          <p>
            <FaceRecognitionOutline aria-hidden /> {t('bind.second')}
          </p>
        </Note>
      )}
      <Section>
        <BindCardForm
          onBound={() => {
            for (const name of ['cards', 'accounts', 'limits'])
              void queries.invalidateQueries({ queryKey: [name] })
            say(t('bind.done'))
            void navigate('/me/cards', { replace: true })
          }}
        />
      </Section>
    </Page>
  )
}
