import QRCode from 'qrcode'
import { useMemo } from 'react'

/** A QR code drawn in the page: its content is sent nowhere. White background in every theme. */
export function QrCode(props: { text: string; label: string }) {
  const { size, path } = useMemo(() => drawn(props.text), [props.text])
  return (
    <svg
      className="qr"
      viewBox={`-4 -4 ${size + 8} ${size + 8}`}
      role="img"
      aria-label={props.label}
      data-testid="qr"
    >
      <rect x="-4" y="-4" width={size + 8} height={size + 8} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}

function drawn(text: string): { size: number; path: string } {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: 'M' })
  let path = ''
  for (let y = 0; y < modules.size; y++) {
    for (let x = 0; x < modules.size; x++) {
      if (modules.get(y, x)) path += `M${x} ${y}h1v1h-1z`
    }
  }
  return { size: modules.size, path }
}
