import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { balanceOf, type Account } from '../../../shared/api.ts'
import { showMoney } from '../../../shared/money.ts'
import { mainAccount, useAccounts } from '../queries.ts'
import { Section } from './kit.tsx'
import { tag } from './money.tsx'

/**
 * The account of a form: the one in the address (?account=), else the main one. `choice` is empty for a
 * customer with a single account.
 */
export function useChosenAccount() {
  const [query, setQuery] = useSearchParams()
  const accounts = useAccounts()
  const open = accounts.data?.filter((one) => one.state !== 'closed')
  const wanted = query.get('account')
  const account = open?.find((one) => one.accountId === wanted) ?? mainAccount(open)
  const choice = open && open.length > 1 && account && (
    <AccountChoice
      accounts={open}
      value={account.accountId}
      onValue={(accountId) =>
        setQuery((before) => {
          const after = new URLSearchParams(before)
          after.set('account', accountId)
          return after
        }, { replace: true })
      }
    />
  )
  return { ...accounts, account, choice: choice || null }
}

function AccountChoice(props: {
  accounts: Account[]
  value: string
  onValue: (accountId: string) => void
}) {
  const { t } = useTranslation()
  return (
    <Section>
      <fieldset className="slots" data-testid="account-choice">
        <legend>{t('facts.account')}</legend>
        {props.accounts.map((one) => (
          <label key={one.accountId} className={one.accountId === props.value ? 'chosen' : ''}>
            <input
              type="radio"
              name="account"
              checked={one.accountId === props.value}
              onChange={() => props.onValue(one.accountId)}
              data-testid={`account-${one.accountId}`}
              data-class={one.class}
            />
            <span>
              {t(`accountClass.${one.class}`)} {one.accountNumber.slice(-4)}
              <small className="digits">{showMoney(balanceOf(one, 'interimAvailable'), tag())}</small>
            </span>
          </label>
        ))}
      </fieldset>
    </Section>
  )
}
