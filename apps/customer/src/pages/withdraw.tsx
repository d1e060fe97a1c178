import { CardOrderPage } from './card-order.tsx'

export default function Withdraw() {
  return <CardOrderPage direction="withdraw" />
}
