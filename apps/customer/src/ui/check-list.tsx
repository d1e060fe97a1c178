import { CheckCircleFill, CloseCircleFill } from 'antd-mobile-icons'
import { useTranslation } from 'react-i18next'
import { currentLanguage, inLanguage } from '../../../shared/i18n.ts'
import type { Check } from '../routes-identity.ts'

/** The checks of an identity, each with its result and reason. */
export function CheckList(props: { checks: Check[] }) {
  const { t, i18n } = useTranslation()
  return (
    <ul className="checks" data-testid="checks">
      {props.checks.map((check) => (
        <li
          key={check.check}
          className={check.result}
          data-testid={`check-${kebab(check.check)}`}
          data-result={check.result}
        >
          <span aria-hidden>
            {check.result === 'passed' ? <CheckCircleFill /> : <CloseCircleFill />}
          </span>
          <span>
            {i18n.exists(`check.${check.check}`) ? t(`check.${check.check}`) : check.check}{' '}
            <em>{i18n.exists(`check.${check.result}`) ? t(`check.${check.result}`) : ''}</em>
            {check.reason && <small>{inLanguage(check.reason, currentLanguage())}</small>}
          </span>
        </li>
      ))}
    </ul>
  )
}

export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
