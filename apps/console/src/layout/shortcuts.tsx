// The list of keys, opened by ? or from the user menu.

import { Modal } from 'antd'
import { useTranslation } from 'react-i18next'
import { menu } from './menu'

export function Shortcuts({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  const general: [string[], string][] = [
    [['/'], 'search'],
    [['?'], 'list'],
    [['j'], 'next'],
    [['k'], 'previous'],
    [['Enter'], 'open'],
    [['Esc'], 'close'],
  ]
  return (
    <Modal
      open={open}
      onCancel={onClose}
      footer={null}
      title={t('shortcuts.title')}
      width={640}
      data-testid="shortcuts"
    >
      <div className="shortcuts">
        <dl>
          {general.map(([keys, text]) => (
            <div key={text}>
              <dt>
                {keys.map((k) => (
                  <kbd key={k}>{k}</kbd>
                ))}
              </dt>
              <dd>{t(`shortcuts.${text}`)}</dd>
            </div>
          ))}
        </dl>
        <dl>
          {menu
            .flatMap((group) => group.entries)
            .map((entry) => (
              <div key={entry.key}>
                <dt>
                  <kbd>g</kbd>
                  <kbd>{entry.chord}</kbd>
                </dt>
                <dd>{t('shortcuts.go', { screen: t(`menu.${entry.key}`) })}</dd>
              </div>
            ))}
        </dl>
      </div>
    </Modal>
  )
}
