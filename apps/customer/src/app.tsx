import { QueryClientProvider } from '@tanstack/react-query'
import { AppOutline, BillOutline, PayCircleOutline, UserOutline } from 'antd-mobile-icons'
import { lazy, Suspense, useEffect, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { BrowserRouter, Navigate, NavLink, Outlet, Route, Routes, useLocation } from 'react-router'
import { queries, useKnocking, useMe, useOnline } from './queries.ts'
import { lastSeen } from './settings.ts'
import { StepUpProvider } from './step-up.tsx'
import { Home } from './pages/home.tsx'
import { SignIn } from './pages/sign-in.tsx'
import { ProblemNote, Waiting } from './ui/kit.tsx'
import { ANNOUNCER } from './ui/announcer.ts'

const Welcome = lazy(() => import('./pages/welcome.tsx'))
const Forgot = lazy(() => import('./pages/forgot.tsx'))
const SignUp = lazy(() => import('./pages/sign-up.tsx'))
const Pay = lazy(() => import('./pages/pay.tsx'))
const TopUp = lazy(() => import('./pages/top-up.tsx'))
const Withdraw = lazy(() => import('./pages/withdraw.tsx'))
const Transfer = lazy(() => import('./pages/transfer.tsx'))
const PaymentPage = lazy(() => import('./pages/payment.tsx'))
const Activity = lazy(() => import('./pages/activity.tsx'))
const Statement = lazy(() => import('./pages/statement.tsx'))
const Messages = lazy(() => import('./pages/messages.tsx'))
const Me = lazy(() => import('./pages/me.tsx'))
const Cards = lazy(() => import('./pages/cards.tsx'))
const BindCard = lazy(() => import('./pages/bind-card.tsx'))
const Limits = lazy(() => import('./pages/limits.tsx'))
const Security = lazy(() => import('./pages/security.tsx'))
const PassCode = lazy(() => import('./pages/pass-code.tsx'))
const SettingsPage = lazy(() => import('./pages/settings.tsx'))
const Privacy = lazy(() => import('./pages/privacy.tsx'))
const Verification = lazy(() => import('./pages/verification.tsx'))
const Passkeys = lazy(() => import('./pages/passkeys.tsx'))
const Totp = lazy(() => import('./pages/totp.tsx'))
const ChangePhone = lazy(() => import('./pages/change-phone.tsx'))
const Accounts = lazy(() => import('./pages/accounts.tsx'))
const CloseAccount = lazy(() => import('./pages/close-account.tsx'))
const Companies = lazy(() => import('./pages/companies.tsx'))
const NewCompany = lazy(() => import('./pages/company-new.tsx'))
const CompanyPage = lazy(() => import('./pages/company.tsx'))
const CompanyUsers = lazy(() => import('./pages/company-users.tsx'))
const CompanyAccount = lazy(() => import('./pages/company-account.tsx'))
const CompanyOrder = lazy(() => import('./pages/company-order.tsx'))
const NewOrder = lazy(() => import('./pages/company-order-new.tsx'))
const Help = lazy(() => import('./pages/help.tsx'))
const Missing = lazy(() => import('./pages/missing.tsx'))

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <BrowserRouter basename="/app">
        <StepUpProvider>
          <Offline />
          <Suspense fallback={<Loading />}>
            <Routes>
              <Route path="/welcome" element={<Welcome />} />
              <Route path="/sign-in" element={<SignIn />} />
              <Route path="/forgot" element={<Forgot />} />
              <Route path="/sign-up" element={<SignUp />} />
              <Route element={<Inside />}>
                <Route element={<Tabs />}>
                  <Route index element={<Home />} />
                  <Route path="/pay" element={<Pay />} />
                  <Route path="/activity" element={<Activity />} />
                  <Route path="/me" element={<Me />} />
                </Route>
                <Route path="/top-up" element={<TopUp />} />
                <Route path="/withdraw" element={<Withdraw />} />
                <Route path="/transfer" element={<Transfer />} />
                <Route path="/payments/:paymentId" element={<PaymentPage />} />
                <Route path="/statement" element={<Statement />} />
                <Route path="/messages" element={<Messages />} />
                <Route path="/me/cards" element={<Cards />} />
                <Route path="/me/cards/new" element={<BindCard />} />
                <Route path="/me/limits" element={<Limits />} />
                <Route path="/me/security" element={<Security />} />
                <Route path="/me/pass-code" element={<PassCode />} />
                <Route path="/me/settings" element={<SettingsPage />} />
                <Route path="/me/consents" element={<Privacy />} />
                <Route path="/me/verification" element={<Verification />} />
                <Route path="/me/passkeys" element={<Passkeys />} />
                <Route path="/me/totp" element={<Totp />} />
                <Route path="/me/phone" element={<ChangePhone />} />
                <Route path="/me/accounts" element={<Accounts />} />
                <Route path="/me/accounts/:accountId/close" element={<CloseAccount />} />
                <Route path="/me/companies" element={<Companies />} />
                <Route path="/me/companies/new" element={<NewCompany />} />
                <Route path="/me/companies/:companyId">
                  <Route index element={<CompanyPage />} />
                  <Route path="users" element={<CompanyUsers />} />
                  <Route path="accounts/:accountId" element={<CompanyAccount />} />
                  <Route path="orders/new" element={<NewOrder />} />
                  <Route path="orders/:orderId" element={<CompanyOrder />} />
                </Route>
                <Route path="/me/help" element={<Help />} />
              </Route>
              <Route path="*" element={<Missing />} />
            </Routes>
          </Suspense>
          <ToTop />
          <div id={ANNOUNCER} role="status" className="only-read" />
        </StepUpProvider>
      </BrowserRouter>
    </QueryClientProvider>
  )
}

/** Pages of a signed-in customer; without a network the last known balance is shown. */
function Inside() {
  const me = useMe()
  const { pathname, search } = useLocation()
  if (me.data) return <Outlet />
  if (me.data === null) {
    if (pathname === '/') return <Navigate to="/welcome" replace />
    return <Navigate to={`/sign-in?next=${encodeURIComponent(pathname + search)}`} replace />
  }
  if (me.error) {
    if (lastSeen() && pathname === '/') return <Outlet />
    return (
      <main className="page">
        <ProblemNote problem={me.error} retry={() => void me.refetch()} />
      </main>
    )
  }
  return <Loading />
}

function Tabs() {
  const { t } = useTranslation()
  const tabs: [string, string, ReactNode][] = [
    ['/', 'home', <AppOutline aria-hidden />],
    ['/pay', 'pay', <PayCircleOutline aria-hidden />],
    ['/activity', 'activity', <BillOutline aria-hidden />],
    ['/me', 'me', <UserOutline aria-hidden />],
  ]
  return (
    <>
      <Suspense fallback={<Loading />}>
        <Outlet />
      </Suspense>
      <nav className="tabs" aria-label={t('tabs.label')}>
        {tabs.map(([to, name, icon]) => (
          <NavLink key={to} to={to} end data-testid={`tab-${name}`}>
            {icon}
            <span>{t(`tabs.${name}`)}</span>
          </NavLink>
        ))}
      </nav>
    </>
  )
}

function Offline() {
  const { t } = useTranslation()
  const online = useOnline()
  useKnocking(online)
  if (online) return null
  return (
    <p className="offline" role="status" data-testid="offline">
      {t('offline.banner')}
    </p>
  )
}

function Loading() {
  return (
    <main className="page">
      <Waiting lines={6} />
    </main>
  )
}

/** A new page starts at its top. */
function ToTop() {
  const { pathname } = useLocation()
  useEffect(() => {
    // Newer browsers return a promise here; an effect must not return it.
    void window.scrollTo(0, 0)
  }, [pathname])
  return null
}
