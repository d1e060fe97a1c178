import { useQuery } from '@tanstack/react-query'
import { bank } from './bank.ts'

export function useSecurity() {
  return useQuery({ queryKey: ['security'], queryFn: () => bank.call('GET /v1/security') })
}

export function useDevices() {
  return useQuery({
    queryKey: ['devices'],
    queryFn: async () => (await bank.call('GET /v1/devices')).items,
  })
}

export function usePasskeys() {
  return useQuery({
    queryKey: ['passkeys'],
    queryFn: async () => (await bank.call('GET /v1/passkeys')).items,
  })
}

export function useTotp() {
  return useQuery({ queryKey: ['totp'], queryFn: () => bank.call('GET /v1/totp') })
}

/** Data of the security page; requested again after any change of them. */
export const SECURITY_QUERIES = ['security', 'devices', 'passkeys', 'totp', 'sessions']
