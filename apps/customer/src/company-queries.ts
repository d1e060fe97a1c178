import { useQuery } from '@tanstack/react-query'
import { bank } from './bank.ts'
import { queries } from './queries.ts'
import type { Company, CompanyRole } from './routes-account.ts'

export function useCompanies() {
  return useQuery({
    queryKey: ['companies'],
    queryFn: async () => (await bank.call('GET /v1/companies')).items,
  })
}

export function useCompany(companyId: string) {
  return useQuery({
    queryKey: ['company', companyId],
    queryFn: () => bank.call('GET /v1/companies/{companyId}', { params: { companyId } }),
  })
}

export function useOrders(companyId: string, active: boolean) {
  return useQuery({
    queryKey: ['orders', companyId],
    enabled: active,
    queryFn: async () =>
      (
        await bank.call('GET /v1/companies/{companyId}/payment-orders', {
          params: { companyId },
          query: { limit: 50 },
        })
      ).items,
  })
}

export function companyChanged(companyId: string) {
  for (const queryKey of [
    ['companies'],
    ['company', companyId],
    ['orders', companyId],
    ['companyUsers', companyId],
    ['companyUserChanges', companyId],
    ['companyAccounts', companyId],
  ])
    void queries.invalidateQueries({ queryKey })
}

/** Actions that a user may take for a company; the bank checks again on each call. */
export function may(company: Company, role: CompanyRole): boolean {
  const roles: string[] = company.roles ?? company.role.split(/[,\s]+/)
  return roles.includes(role) || roles.includes('representative')
}
