import { CardOrderPage } from './card-order.tsx'

export default function TopUp() {
  return <CardOrderPage direction="topUp" />
}
