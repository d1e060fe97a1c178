import { useTranslation } from 'react-i18next'
import type { FacePurpose } from '../routes-identity.ts'
import { FaceCheckFlow } from './face-check.tsx'

/**
 * The face as a factor of a step-up: after "unsure" or "refused" the sheet stays open and can be closed.
 */
export default function FaceFactor(props: { purpose: FacePurpose; onGiven: () => void }) {
  const { t } = useTranslation()
  return (
    <>
      <p className="sheet-text">{t('stepUp.face')}</p>
      <FaceCheckFlow
        purpose={props.purpose}
        onAccepted={props.onGiven}
        otherWay={<p className="field-hint">{t('stepUp.faceOther')}</p>}
      />
    </>
  )
}
