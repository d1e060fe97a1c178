// The current time code (RFC 6238: SHA-1, 30 s, 6 digits) for a Base32 secret.
import { createHmac } from 'node:crypto';

export function totp(secret, at = Date.now()) {
  let bits = '';
  for (const c of secret.replace(/=+$/, '')) {
    bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0');
  }
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30000)));
  const mac = createHmac('sha1', key).update(step).digest();
  const offset = mac[19] & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1000000).padStart(6, '0');
}

if (process.argv[1]?.endsWith('totp.mjs') && process.argv[2]) console.log(totp(process.argv[2]));
