import { useTranslation } from 'react-i18next'
import { currentLanguage } from '../../../shared/i18n.ts'
import { changeSettings, useSettings } from '../settings.ts'
import { chooseLanguage } from '../ui/brand.tsx'
import { Choice, Page, Section } from '../ui/kit.tsx'

export default function SettingsPage() {
  const { t } = useTranslation()
  const settings = useSettings()
  return (
    <Page title={t('settings.title')} back="/me" testId="settings">
      <Section>
        <Choice
          label={t('settings.language')}
          value={currentLanguage()}
          options={[
            { value: 'zh', text: t('language.zh') },
            { value: 'en', text: t('language.en') },
          ]}
          onValue={(language) => void chooseLanguage(language)}
          testId="setting-language"
        />
      </Section>
      <Section>
        <Choice
          label={t('settings.theme')}
          value={settings.theme}
          options={(['auto', 'light', 'dark'] as const).map((value) => ({
            value,
            text: t(`settings.${value}`),
          }))}
          onValue={(theme) => changeSettings({ theme })}
          testId="setting-theme"
        />
      </Section>
      <Section>
        <Choice
          label={t('settings.letters')}
          value={settings.letters}
          options={(['normal', 'large'] as const).map((value) => ({
            value,
            text: t(`settings.${value}`),
          }))}
          onValue={(letters) => changeSettings({ letters })}
          testId="setting-letters"
        />
        <p className="field-hint">{t('settings.lettersNote')}</p>
      </Section>
    </Page>
  )
}
