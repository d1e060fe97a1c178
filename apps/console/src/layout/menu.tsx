// The left menu as data: groups of screens, each with its area, path, icon and second key after g.

import {
  AuditOutlined,
  BankOutlined,
  BarsOutlined,
  BookOutlined,
  CalendarOutlined,
  ContainerOutlined,
  ControlOutlined,
  DashboardOutlined,
  DiffOutlined,
  FieldTimeOutlined,
  IdcardOutlined,
  SafetyCertificateOutlined,
  ScanOutlined,
  SendOutlined,
  SwapOutlined,
  TableOutlined,
  TeamOutlined,
  WarningOutlined,
} from '@ant-design/icons'
import type { ReactNode } from 'react'
import type { Area } from '../permissions'

export interface MenuEntry {
  key: string
  path: string
  area: Area
  icon: ReactNode
  chord: string
}

export const menu: { group: string; entries: MenuEntry[] }[] = [
  {
    group: 'overview',
    entries: [{ key: 'dashboard', path: '/', area: 'dashboard', icon: <DashboardOutlined />, chord: 'd' }],
  },
  {
    group: 'business',
    entries: [
      { key: 'customers', path: '/customers', area: 'customers', icon: <TeamOutlined />, chord: 'c' },
      { key: 'companies', path: '/companies', area: 'companies', icon: <BankOutlined />, chord: 'f' },
      { key: 'payments', path: '/payments', area: 'payments', icon: <SwapOutlined />, chord: 'p' },
    ],
  },
  {
    group: 'review',
    entries: [
      { key: 'work', path: '/work', area: 'dashboard', icon: <BarsOutlined />, chord: 'w' },
      { key: 'cases', path: '/cases', area: 'cases', icon: <ScanOutlined />, chord: 'i' },
      { key: 'alerts', path: '/payment-alerts', area: 'payments', icon: <WarningOutlined />, chord: 'k' },
      { key: 'changes', path: '/changes', area: 'changes', icon: <DiffOutlined />, chord: 'h' },
    ],
  },
  {
    group: 'ledger',
    entries: [
      { key: 'glAccounts', path: '/ledger/accounts', area: 'ledger', icon: <BookOutlined />, chord: 'a' },
      { key: 'trialBalance', path: '/ledger/trial-balance', area: 'ledger', icon: <TableOutlined />, chord: 't' },
      { key: 'journals', path: '/ledger/journals', area: 'ledger', icon: <ContainerOutlined />, chord: 'j' },
      { key: 'seals', path: '/ledger/seals', area: 'ledger', icon: <SafetyCertificateOutlined />, chord: 's' },
    ],
  },
  {
    group: 'operations',
    entries: [
      { key: 'endOfDay', path: '/operations/end-of-day', area: 'operations', icon: <CalendarOutlined />, chord: 'e' },
      { key: 'jobs', path: '/operations/jobs', area: 'operations', icon: <FieldTimeOutlined />, chord: 'b' },
      { key: 'outbox', path: '/operations/outbox', area: 'operations', icon: <SendOutlined />, chord: 'o' },
    ],
  },
  {
    group: 'control',
    entries: [
      { key: 'parameters', path: '/parameters', area: 'changes', icon: <ControlOutlined />, chord: 'm' },
      { key: 'audit', path: '/audit', area: 'audit', icon: <AuditOutlined />, chord: 'l' },
      { key: 'users', path: '/users', area: 'users', icon: <IdcardOutlined />, chord: 'u' },
    ],
  },
]
