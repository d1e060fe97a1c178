import {
  BankcardOutline,
  CameraOutline,
  CheckShieldOutline,
  PhoneFill,
  UserContactOutline,
} from 'antd-mobile-icons'
import { Button } from 'antd-mobile'
import { useTranslation } from 'react-i18next'
import { Navigate, useNavigate } from 'react-router'
import { useBank, useMe } from '../queries.ts'
import { LanguageSwitch, Logo, useBankName } from '../ui/brand.tsx'
import { MainButton, useTitle } from '../ui/kit.tsx'

export default function Welcome() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const name = useBankName()
  const environment = useBank().data?.environment
  const me = useMe()
  useTitle(name)
  if (me.data) return <Navigate to="/" replace />
  const needs = [
    ['phone', <PhoneFill />],
    ['identity', <UserContactOutline />],
    ['camera', <CameraOutline />],
    ['card', <BankcardOutline />],
  ] as const
  return (
    <main className="page welcome" data-testid="welcome">
      <div className="welcome-hero">
        <div className="welcome-top">
          {environment === 'sandbox' ? (
            <span className="pill still">{t('welcome.sandbox')}</span>
          ) : (
            <span />
          )}
          <LanguageSwitch />
        </div>
        <Logo size={64} />
        <h1>{name}</h1>
        <p>{t('welcome.claim')}</p>
      </div>
      <section className="card welcome-card" aria-labelledby="needs">
        <h2 id="needs">{t('welcome.needs')}</h2>
        <ul className="needs">
          {needs.map(([need, icon]) => (
            <li key={need}>
              <span className="row-icon" aria-hidden>
                {icon}
              </span>
              <span>
                <strong>{t(`welcome.${need}`)}</strong>
                <small>{t(`welcome.${need}Why`)}</small>
              </span>
            </li>
          ))}
        </ul>
        <p className="safe">
          <CheckShieldOutline aria-hidden /> {t('welcome.safe')}
        </p>
      </section>
      <div className="foot-actions">
        <MainButton onClick={() => navigate('/sign-up')} data-testid="open-account">
          {t('welcome.open')}
        </MainButton>
        <Button
          block
          size="large"
          fill="none"
          color="primary"
          onClick={() => navigate('/sign-in')}
          data-testid="to-sign-in"
        >
          {t('welcome.signIn')}
        </Button>
      </div>
    </main>
  )
}
