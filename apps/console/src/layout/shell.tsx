// Frame of every screen: menu by role, search, business date and environment, user menu, breadcrumbs. It
// requests the signed-in user and redirects to sign-in if there is no session.

import {
  BulbOutlined,
  DownOutlined,
  GlobalOutlined,
  LockOutlined,
  LogoutOutlined,
  MenuFoldOutlined,
  MenuUnfoldOutlined,
  MoonOutlined,
  QuestionCircleOutlined,
  SunOutlined,
  UserOutlined,
} from '@ant-design/icons'
import { Breadcrumb, Button, Dropdown, Tooltip, type MenuProps } from 'antd'
import { createContext, useContext, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, Navigate, NavLink, Outlet, useLocation, useNavigate } from 'react-router'
import { setBankTimeZone } from '../../../shared/format.ts'
import { problemOf } from '../../../shared/problem.ts'
import { client, mayBeSignedIn, onSessionOver, queries, rememberSignedIn, useAnswer } from '../api/client'
import type { Staff } from '../api/types'
import { useChord, useKeys } from '../keyboard'
import { Day, Loading, Problem, Words } from '../parts/bits'
import { mayOpen } from '../permissions'
import { usePrefs, type Theme } from '../prefs'
import { menu } from './menu'
import { GlobalSearch } from './search'
import { Shortcuts } from './shortcuts'

const StaffContext = createContext<Staff | null>(null)

export function useStaff(): Staff {
  const staff = useContext(StaffContext)
  if (!staff) throw new Error('useStaff outside Shell')
  return staff
}

export function Shell() {
  const location = useLocation()
  const [over, setOver] = useState(() => !mayBeSignedIn())
  const me = useAnswer('GET /v1/staff/me', {}, { every: 300_000, enabled: !over })
  useEffect(() => {
    onSessionOver(() => {
      rememberSignedIn(false)
      setOver(true)
    })
    return () => onSessionOver(() => {})
  }, [])
  if (over || (me.error && problemOf(me.error).status === 401)) {
    const next = `${location.pathname}${location.search}`
    return <Navigate to={next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`} replace />
  }
  if (me.data) return <Frame staff={me.data} />
  return (
    <main className="boot">
      {me.error ? <Problem error={me.error} retry={() => void me.refetch()} /> : <Loading />}
    </main>
  )
}

function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => window.matchMedia('(max-width: 1199px)').matches)
  useEffect(() => {
    const query = window.matchMedia('(max-width: 1199px)')
    const changed = () => setNarrow(query.matches)
    query.addEventListener('change', changed)
    return () => query.removeEventListener('change', changed)
  }, [])
  return narrow
}

function Frame({ staff }: { staff: Staff }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { pathname } = useLocation()
  const narrow = useNarrow()
  const [folded, setFolded] = useState<boolean | null>(null)
  const [keysOpen, setKeysOpen] = useState(false)
  const small = folded ?? narrow

  useKeys({
    '?': (event) => {
      event.preventDefault()
      setKeysOpen(true)
    },
  })
  const open = menu.flatMap((group) => group.entries).filter((entry) => mayOpen(staff, entry.area))
  useChord('g', Object.fromEntries(open.map((entry) => [entry.chord, () => void navigate(entry.path)])))
  useEffect(() => {
    document.querySelector('.content')?.scrollTo(0, 0)
  }, [pathname])

  return (
    <StaffContext value={staff}>
      <div className={small ? 'shell shell-small' : 'shell'}>
        <a className="skip" href="#content">
          {t('app.skip')}
        </a>
        <aside className="rail">
          <Link to="/" className="brand" aria-label={t('app.title')}>
            <img src="/console/mark.svg" alt="" width="28" height="28" />
            {!small && <span>{t('app.name')}</span>}
          </Link>
          <nav aria-label={t('menu.label')}>
            {menu.map(({ group, entries }) => {
              const shown = entries.filter((entry) => mayOpen(staff, entry.area))
              if (shown.length === 0) return null
              return (
                <div key={group} className="menu-group">
                  {small ? (
                    <hr />
                  ) : (
                    <div className="menu-title" id={`menu-${group}`}>
                      {t(`menu.${group}`)}
                    </div>
                  )}
                  <ul aria-label={t(`menu.${group}`)}>
                    {shown.map((entry) => (
                      <li key={entry.key}>
                        <Tooltip title={small ? t(`menu.${entry.key}`) : ''} placement="right">
                          <NavLink
                            to={entry.path}
                            end={entry.path === '/'}
                            className={({ isActive }) =>
                              isActive || (entry.key === 'customers' && pathname.startsWith('/accounts/'))
                                ? 'active'
                                : ''
                            }
                            data-testid={`menu-${entry.key}`}
                            aria-label={t(`menu.${entry.key}`)}
                          >
                            {entry.icon}
                            {!small && <span>{t(`menu.${entry.key}`)}</span>}
                          </NavLink>
                        </Tooltip>
                      </li>
                    ))}
                  </ul>
                </div>
              )
            })}
          </nav>
          <Button
            type="text"
            className="fold"
            icon={small ? <MenuUnfoldOutlined /> : <MenuFoldOutlined />}
            aria-label={t(small ? 'menu.unfold' : 'menu.fold')}
            onClick={() => setFolded(!small)}
          />
        </aside>
        <header className="top">
          {mayOpen(staff, 'customers') && <GlobalSearch />}
          <Facts />
          <Tools staff={staff} onKeys={() => setKeysOpen(true)} />
        </header>
        <main className="content" id="content" tabIndex={-1}>
          <Crumbs />
          <Outlet />
        </main>
        <Shortcuts open={keysOpen} onClose={() => setKeysOpen(false)} />
      </div>
    </StaffContext>
  )
}

function Facts() {
  const { t } = useTranslation()
  const bank = useAnswer('GET /v1/bank', {}, { every: 60_000 })
  const zone = bank.data?.timeZone
  useEffect(() => {
    if (zone) setBankTimeZone(zone)
  }, [zone])
  if (!bank.data) return <div className="top-facts" />
  const { environment, version, businessDate, name } = bank.data
  return (
    <div className="top-facts">
      <span className="business-date" data-testid="business-date">
        <span className="muted">{t('app.businessDate')}</span> <Day date={businessDate} />
      </span>
      <Tooltip
        title={
          <>
            <Words of={name} /> {version}
          </>
        }
      >
        <span className={`environment environment-${environment}`} data-testid="environment">
          {t(`environment.${environment}`, { defaultValue: environment })}
        </span>
      </Tooltip>
    </div>
  )
}

export function LanguageSwitch() {
  const { t } = useTranslation()
  const { lang, setLang } = usePrefs()
  const other = lang === 'zh' ? 'en' : 'zh'
  return (
    <Button
      type="text"
      icon={<GlobalOutlined />}
      onClick={() => setLang(other)}
      data-testid="language"
      title={t('app.switchLanguage')}
    >
      <span lang={other === 'zh' ? 'zh-CN' : 'en'}>{other === 'zh' ? '中文' : 'English'}</span>
    </Button>
  )
}

export function ThemeSwitch() {
  const { t } = useTranslation()
  const { theme, dark, setTheme } = usePrefs()
  const items: MenuProps['items'] = [
    { key: 'light', label: t('theme.light'), icon: <SunOutlined /> },
    { key: 'dark', label: t('theme.dark'), icon: <MoonOutlined /> },
    { key: 'system', label: t('theme.system'), icon: <BulbOutlined /> },
  ]
  return (
    <Dropdown menu={{ items, selectedKeys: [theme], onClick: ({ key }) => setTheme(key as Theme) }} trigger={['click']}>
      <Button
        type="text"
        icon={dark ? <MoonOutlined /> : <SunOutlined />}
        aria-label={t('theme.label')}
        data-testid="theme"
      />
    </Dropdown>
  )
}

function Tools({ staff, onKeys }: { staff: Staff; onKeys: () => void }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const signOut = async () => {
    // The session may be over already; in both cases this browser drops the cached answers.
    await client.call('DELETE /v1/staff/sessions/current').catch(() => undefined)
    rememberSignedIn(false)
    await navigate('/sign-in', { replace: true })
    queries.clear()
  }
  const items: MenuProps['items'] = [
    {
      key: 'who',
      type: 'group',
      label: `${staff.login} · ${staff.roles.map((r) => t(`role.${r}`)).join(t('common.comma'))}`,
    },
    { key: 'keys', label: t('shortcuts.title'), icon: <QuestionCircleOutlined /> },
    {
      key: 'credentials',
      label: <span data-testid="open-credentials">{t('credential.title')}</span>,
      icon: <LockOutlined />,
    },
    { type: 'divider' },
    { key: 'out', label: <span data-testid="sign-out">{t('app.signOut')}</span>, icon: <LogoutOutlined /> },
  ]
  return (
    <div className="top-tools">
      <LanguageSwitch />
      <ThemeSwitch />
      <Dropdown
        menu={{
          items,
          onClick: ({ key }) => {
            if (key === 'keys') onKeys()
            else if (key === 'credentials') void navigate('/credentials')
            else if (key === 'out') void signOut()
          },
        }}
        trigger={['click']}
        placement="bottomRight"
      >
        <Button type="text" data-testid="user-menu" aria-label={t('app.userMenu', { name: staff.name })}>
          <UserOutlined /> <span className="user-name">{staff.name}</span> <DownOutlined className="chevron" />
        </Button>
      </Dropdown>
    </div>
  )
}

// Breadcrumbs of a path: its group in the menu, its screen, the open object.
function Crumbs() {
  const { t } = useTranslation()
  const { pathname } = useLocation()
  if (pathname === '/') return null
  const parts = pathname.split('/').filter(Boolean)
  const items: { title: React.ReactNode }[] = [{ title: <Link to="/">{t('menu.dashboard')}</Link> }]
  const found = menu
    .flatMap((g) => g.entries.map((entry) => ({ group: g.group, entry })))
    .find(({ entry }) => entry.path !== '/' && (pathname === entry.path || pathname.startsWith(`${entry.path}/`)))
  if (found) {
    const deeper = pathname !== found.entry.path
    items.push({ title: t(`menu.${found.group}`) })
    items.push({
      title: deeper ? <Link to={found.entry.path}>{t(`menu.${found.entry.key}`)}</Link> : t(`menu.${found.entry.key}`),
    })
    if (deeper) items.push({ title: <span className="mono">{parts.at(-1)}</span> })
  } else if (parts[0] === 'accounts') {
    items.push(
      { title: t('menu.business') },
      { title: <Link to="/customers">{t('menu.customers')}</Link> },
      { title: t('account.title') },
      { title: <span className="mono">{parts[1]}</span> },
    )
  }
  return (
    <nav aria-label={t('app.crumbs')}>
      <Breadcrumb items={items} className="crumbs" />
    </nav>
  )
}
