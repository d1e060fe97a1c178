// Providers and routes. Every screen is loaded when it is first opened.

import { QueryClientProvider } from '@tanstack/react-query'
import { App, ConfigProvider } from 'antd'
import enGB from 'antd/locale/en_GB'
import zhCN from 'antd/locale/zh_CN'
import dayjs from 'dayjs'
import 'dayjs/locale/en-gb'
import 'dayjs/locale/zh-cn'
import { lazy, Suspense, useMemo, type ReactNode } from 'react'
import { BrowserRouter, Route, Routes } from 'react-router'
import { queries } from './api/client'
import { Shell, useStaff } from './layout/shell'
import { Loading, Refused } from './parts/bits'
import { mayOpen, type Area } from './permissions'
import { PrefsProvider, usePrefs } from './prefs'
import { Invitation } from './screens/invitation'
import { SignIn } from './screens/sign-in'
import { consoleTheme } from './theme'

const Dashboard = lazy(() => import('./screens/dashboard'))
const Customers = lazy(() => import('./screens/customers'))
const CustomerView = lazy(() => import('./screens/customer'))
const Alerts = lazy(() => import('./screens/alerts'))
const Companies = lazy(() => import('./screens/companies'))
const CompanyView = lazy(() => import('./screens/company'))
const AccountView = lazy(() => import('./screens/account'))
const Payments = lazy(() => import('./screens/payments'))
const PaymentView = lazy(() => import('./screens/payment'))
const Chart = lazy(() => import('./screens/gl-accounts'))
const TrialBalance = lazy(() => import('./screens/trial-balance'))
const Journals = lazy(() => import('./screens/journals'))
const Seals = lazy(() => import('./screens/seals'))
const Jobs = lazy(() => import('./screens/jobs'))
const EndOfDay = lazy(() => import('./screens/end-of-day'))
const Outbox = lazy(() => import('./screens/outbox'))
const Audit = lazy(() => import('./screens/audit'))
const Credentials = lazy(() => import('./screens/credentials'))
const Users = lazy(() => import('./screens/users'))
const Work = lazy(() => import('./screens/work'))
const Changes = lazy(() => import('./screens/changes'))
const ChangeView = lazy(() => import('./screens/change'))
const Parameters = lazy(() => import('./screens/parameters'))
const Cases = lazy(() => import('./screens/cases'))
const CaseView = lazy(() => import('./screens/case'))

function In({ area, children }: { area: Area; children: ReactNode }) {
  const staff = useStaff()
  if (!mayOpen(staff, area)) return <Refused />
  return <Suspense fallback={<Loading />}>{children}</Suspense>
}

function Screens() {
  return (
    <Routes>
      <Route path="/sign-in" element={<SignIn />} />
      <Route path="/invitation" element={<Invitation />} />
      <Route element={<Shell />}>
        <Route
          index
          element={
            <In area="dashboard">
              <Dashboard />
            </In>
          }
        />
        <Route
          path="customers"
          element={
            <In area="customers">
              <Customers />
            </In>
          }
        />
        <Route
          path="customers/:id"
          element={
            <In area="customers">
              <CustomerView />
            </In>
          }
        />
        <Route
          path="companies"
          element={
            <In area="companies">
              <Companies />
            </In>
          }
        />
        <Route
          path="companies/:id"
          element={
            <In area="companies">
              <CompanyView />
            </In>
          }
        />
        <Route
          path="accounts/:id"
          element={
            <In area="accounts">
              <AccountView />
            </In>
          }
        />
        <Route
          path="payments"
          element={
            <In area="payments">
              <Payments />
            </In>
          }
        />
        <Route
          path="payments/:id"
          element={
            <In area="payments">
              <PaymentView />
            </In>
          }
        />
        <Route
          path="ledger/accounts"
          element={
            <In area="ledger">
              <Chart />
            </In>
          }
        />
        <Route
          path="ledger/trial-balance"
          element={
            <In area="ledger">
              <TrialBalance />
            </In>
          }
        />
        <Route
          path="ledger/journals/:id?"
          element={
            <In area="ledger">
              <Journals />
            </In>
          }
        />
        <Route
          path="ledger/seals"
          element={
            <In area="ledger">
              <Seals />
            </In>
          }
        />
        <Route
          path="operations/jobs"
          element={
            <In area="operations">
              <Jobs />
            </In>
          }
        />
        <Route
          path="operations/end-of-day"
          element={
            <In area="operations">
              <EndOfDay />
            </In>
          }
        />
        <Route
          path="operations/outbox"
          element={
            <In area="operations">
              <Outbox />
            </In>
          }
        />
        <Route
          path="payment-alerts"
          element={
            <In area="payments">
              <Alerts />
            </In>
          }
        />
        <Route
          path="audit"
          element={
            <In area="audit">
              <Audit />
            </In>
          }
        />
        <Route
          path="users"
          element={
            <In area="users">
              <Users />
            </In>
          }
        />
        <Route
          path="credentials"
          element={
            <In area="dashboard">
              <Credentials />
            </In>
          }
        />
        <Route
          path="work"
          element={
            <In area="dashboard">
              <Work />
            </In>
          }
        />
        <Route
          path="changes"
          element={
            <In area="changes">
              <Changes />
            </In>
          }
        />
        <Route
          path="changes/:id"
          element={
            <In area="changes">
              <ChangeView />
            </In>
          }
        />
        <Route
          path="parameters"
          element={
            <In area="changes">
              <Parameters />
            </In>
          }
        />
        <Route
          path="cases"
          element={
            <In area="cases">
              <Cases />
            </In>
          }
        />
        <Route
          path="cases/:id"
          element={
            <In area="cases">
              <CaseView />
            </In>
          }
        />
        <Route path="*" element={<Refused missing />} />
      </Route>
    </Routes>
  )
}

function Look({ children }: { children: ReactNode }) {
  const { lang, dark } = usePrefs()
  const theme = useMemo(() => consoleTheme(dark), [dark])
  dayjs.locale(lang === 'zh' ? 'zh-cn' : 'en-gb')
  return (
    <ConfigProvider theme={theme} locale={lang === 'zh' ? zhCN : enGB} button={{ autoInsertSpace: false }}>
      <App>{children}</App>
    </ConfigProvider>
  )
}

export function Console() {
  return (
    <QueryClientProvider client={queries}>
      <PrefsProvider>
        <Look>
          <BrowserRouter basename="/console">
            <Screens />
          </BrowserRouter>
        </Look>
      </PrefsProvider>
    </QueryClientProvider>
  )
}
