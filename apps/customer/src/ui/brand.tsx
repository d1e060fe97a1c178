import { changeLanguage, currentLanguage, inLanguage, type Language } from '../../../shared/i18n.ts'
import { useTranslation } from 'react-i18next'
import { bank } from '../bank.ts'
import { queries, useBank } from '../queries.ts'
import { changeSettings, useSettings } from '../settings.ts'
import { loadTexts } from '../texts.ts'

export function Logo(props: { size?: number }) {
  return <img src="/app/icon.svg" width={props.size ?? 48} height={props.size ?? 48} alt="" />
}

export function useBankName(): string {
  const { data } = useBank()
  const { bankName } = useSettings()
  return inLanguage(data?.name ?? bankName ?? undefined, currentLanguage()) || 'Sycee'
}

/** Changes the language of the screen and, for a signed-in customer, of the bank's messages. */
export async function chooseLanguage(language: Language) {
  await changeLanguage(language, loadTexts)
  changeSettings({ language })
  if (queries.getQueryData(['me'])) {
    const customer = await bank.call('PATCH /v1/me', { body: { language } }).catch(() => null)
    if (customer) queries.setQueryData(['me'], customer)
  }
}

export function LanguageSwitch() {
  const { t } = useTranslation()
  const now = currentLanguage()
  const other: Language = now === 'zh' ? 'en' : 'zh'
  return (
    <button
      type="button"
      className="pill"
      lang={other === 'zh' ? 'zh-CN' : 'en-GB'}
      onClick={() => void chooseLanguage(other)}
      data-testid="language-switch"
    >
      {t(`language.${other}`)}
    </button>
  )
}
