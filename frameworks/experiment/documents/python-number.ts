/** A number with a fraction or an exponent: Python's `float`, distinct from integers. */
export class Float {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/** The text of a float in Python: shortest that reads back, with an exponent below 1e-4, from 1e16. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  // Where both languages agree, which is nearly always, JavaScript's own text is quickest.
  const text = String(value)
  if (text.includes('.') && !text.includes('e') && Math.abs(value) >= 1e-4) return text
  const [mantissa = '', power = '0'] = Math.abs(value).toExponential().split('e')
  const digits = mantissa.replace('.', '')
  const exponent = Number(power)
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  if (exponent < -4 || exponent >= 16) return sign + withExponent(digits, exponent)
  return sign + withPoint(digits, exponent)
}

function withExponent(digits: string, exponent: number): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
  const power = String(Math.abs(exponent)).padStart(2, '0')
  return `${digits.slice(0, 1)}${fraction}e${exponent < 0 ? '-' : '+'}${power}`
}

function withPoint(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  return `${whole}.${digits.slice(exponent + 1) || '0'}`
}

/** A JSON number token as Python reads it: all digits of integers are kept, `-0` is 0. */
export function readNumber(token: string): number | bigint | Float {
  if (/[.eE]/.test(token)) return new Float(Number(token))
  const value = Number(token)
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value
  return BigInt(token)
}
