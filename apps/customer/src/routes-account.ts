import type { Routes, Schemas } from '../../shared/routes.ts'

/** Further accounts, companies, and the stored data of a customer. */
export type Tier = Schemas['Tier']
export type Closure = Schemas['Leaving']
export type Retention = Schemas['Retention']
export type CompanyKind = Routes['POST /v1/companies']['body']['kind']
export type CompanyRole = Routes['POST /v1/companies/{companyId}/users']['body']['roles'][number]
export type OrderDecision =
  Routes['POST /v1/companies/{companyId}/payment-orders/{orderId}/decisions']['body']['decision']
export type CompanyCheck = Schemas['CompanyCheck']
export type Company = Schemas['Company']
export type Owner = Schemas['CompanyOwner']
export type CompanyUser = Schemas['CompanyUser']
export type CompanyRights = Schemas['CompanyRights']
/** A change of a company's users: applied at once, or pending for a second person. */
export type CompanyUserChange = Schemas['CompanyUserChange']
export type PaymentOrder = Schemas['PaymentOrder']
