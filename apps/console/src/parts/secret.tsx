// The secret of an authenticator, as a QR code and as text. Only this screen shows it.

import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { Facts, Mono } from './bits'

const Qr = lazy(() => import('./qr'))

export const secretOf = (uri: string): string => /[?&]secret=([A-Z2-7]+)/i.exec(uri)?.[1] ?? ''

export function Secret({ uri, login }: { uri: string; login: string }) {
  const { t } = useTranslation()
  return (
    <div className="secret">
      <Suspense fallback={<div className="secret-blank" />}>
        <Qr text={uri} label={t('credential.qr', { login })} />
      </Suspense>
      <Facts
        items={[
          [
            t('credential.secret'),
            <span key="s" data-testid="totp-secret">
              <Mono copy>{secretOf(uri)}</Mono>
            </span>,
          ],
          [
            t('credential.uri'),
            <span key="u" data-testid="totp-uri" className="mono wrap small">
              {uri}
            </span>,
          ],
        ]}
      />
    </div>
  )
}
