// Turns the TensorFlow Lite file of MobileFaceNet into the ONNX form that the bank's runtime reads.
//
// usage: node tools/tflite-onnx.mjs IN.tflite OUT.onnx
//
// Only what that net is made of: convolutions (plain, by channel), sums, and a PReLU that its
// converter wrote as relu(x) + c * (x - |x|). Anything else is refused. The same input always gives
// the same bytes: share/models/SHA256SUMS holds their hash. Formats: tensorflow/lite/schema (flat
// buffers), onnx/onnx.proto3 (protocol buffers).
import fs from 'node:fs'

const [from, to] = process.argv.slice(2)
if (!from || !to) {
  console.error('usage: tflite-onnx.mjs IN.tflite OUT.onnx')
  process.exit(64)
}
const refuse = (why) => {
  console.error(`tflite-onnx: ${why}`)
  process.exit(65)
}

// --- reading a flat buffer: a table is an offset; its fields are found through its own index ------
const bytes = fs.readFileSync(from)
const follow = (at) => at + bytes.readUInt32LE(at)
const field = (table, number) => {
  const index = table - bytes.readInt32LE(table)
  const at = 4 + 2 * number
  const offset = at < bytes.readUInt16LE(index) ? bytes.readUInt16LE(index + at) : 0
  return offset === 0 ? 0 : table + offset
}
const vector = (table, number) => {
  const at = field(table, number)
  return at === 0 ? { count: 0, at: 0 } : { count: bytes.readUInt32LE(follow(at)), at: follow(at) + 4 }
}
const tables = (table, number) => {
  const { count, at } = vector(table, number)
  return Array.from({ length: count }, (_, i) => follow(at + 4 * i))
}
const integers = (table, number) => {
  const { count, at } = vector(table, number)
  return Array.from({ length: count }, (_, i) => bytes.readInt32LE(at + 4 * i))
}
const byte = (table, number) => (field(table, number) ? bytes.readInt8(field(table, number)) : 0)
const integer = (table, number, otherwise = 0) =>
  field(table, number) ? bytes.readInt32LE(field(table, number)) : otherwise

const model = follow(0)
const codes = tables(model, 1).map((code) => Math.max(byte(code, 0), integer(code, 3)))
const [graph] = tables(model, 2)
const buffers = tables(model, 4)
const tensors = tables(graph, 0).map((tensor) => {
  const data = vector(buffers[integer(tensor, 2)], 0)
  return {
    shape: integers(tensor, 0),
    isFloat: byte(tensor, 1) === 0,
    values: data.count ? new Float32Array(bytes.buffer.slice(bytes.byteOffset + data.at,
      bytes.byteOffset + data.at + (data.count & ~3))) : null,
  }
})

// --- writing protocol buffers ---------------------------------------------------------------------
const varint = (value) => {
  const out = []
  for (let rest = BigInt(value); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...out, Number(rest)])
    out.push(Number(rest & 127n) | 128)
  }
}
const number = (tag, value) => Buffer.concat([varint(tag << 3), varint(value)])
const block = (tag, content) => {
  const body = typeof content === 'string' ? Buffer.from(content) : content
  return Buffer.concat([varint((tag << 3) | 2), varint(body.length), body])
}
const attribute = (name, value) => {
  const parts = [block(1, name)]
  if (Array.isArray(value)) parts.push(...value.map((v) => number(8, v)), number(20, 7))
  else if (typeof value === 'string') parts.push(block(4, value), number(20, 3))
  else parts.push(number(3, value), number(20, 2))
  return block(5, Buffer.concat(parts))
}
const nodes = []
const initializers = []
const node = (kind, inputs, output, attributes = {}) =>
  nodes.push(block(1, Buffer.concat([...inputs.map((i) => block(1, i)), block(2, output),
    block(4, kind), ...Object.entries(attributes).map(([k, v]) => attribute(k, v))])))
const constant = (name, shape, values) => {
  const data = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
  initializers.push(block(5, Buffer.concat([...shape.map((s) => number(1, s)), number(2, 1),
    block(8, name), block(9, data)])))
  return name
}
const port = (tag, name, shape) => {
  const dims = shape.map((s) => block(1, number(1, s)))
  const type = block(1, Buffer.concat([number(1, 1), block(2, Buffer.concat(dims))]))
  return block(tag, Buffer.concat([block(1, name), block(2, type)]))
}

// --- the net: rows of pixels with channels last become planes ---------------------------------------
const name = (index) => `t${index}`
const planes = ([, height, width, channels]) => [1, channels, height, width]

// TFLite: out, height, width, in. ONNX: out, in, height, width.
const convolution = (operator, inputs, output, isByChannel) => {
  const [input, weights, bias] = inputs
  const [first, height, width, last] = tensors[weights].shape
  const values = tensors[weights].values
  const turned = new Float32Array(values.length)
  for (let o = 0; o < first; o++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let i = 0; i < last; i++) {
          turned[((o * last + i) * height + y) * width + x] = values[((o * height + y) * width + x) * last + i]
        }
      }
    }
  }
  const options = follow(field(operator, 4))
  if (byte(options, isByChannel ? 4 : 3) !== 0) refuse('a convolution with an activation inside')
  if (isByChannel && (first !== 1 || integer(options, 3, 1) !== 1)) refuse('a depth multiplier')
  node('Conv', [name(input),
    constant(`w${weights}`, isByChannel ? [last, 1, height, width] : [first, last, height, width], turned),
    constant(`w${bias}`, tensors[bias].shape, tensors[bias].values)], name(output), {
    auto_pad: byte(options, 0) === 0 ? 'SAME_UPPER' : 'VALID',
    strides: [integer(options, 2), integer(options, 1)],
    kernel_shape: [height, width],
    group: isByChannel ? last : 1,
  })
}

const ADD = 0, CONV = 3, DEPTHWISE = 4, MUL = 18, RELU = 19, RESHAPE = 22, SUB = 41, ABS = 101
const operators = tables(graph, 3).map((at) => ({
  at,
  kind: codes[integer(at, 0)],
  inputs: integers(at, 1),
  output: integers(at, 2)[0],
}))
// relu(x), |x|, x - |x|, c * that, and their sum, one after another: one PReLU with slope 2 c.
const isActivation = (i) => {
  const [relu, abs, sub, mul, add] = operators.slice(i, i + 5)
  return add && relu.kind === RELU && abs.kind === ABS && sub.kind === SUB && mul.kind === MUL &&
    add.kind === ADD && abs.inputs[0] === relu.inputs[0] && sub.inputs[0] === relu.inputs[0] &&
    sub.inputs[1] === abs.output && tensors[mul.inputs[0]].values && mul.inputs[1] === sub.output &&
    add.inputs[0] === relu.output && add.inputs[1] === mul.output
}
const [input] = integers(graph, 1)
const [output] = integers(graph, 2)
for (let i = 0; i < operators.length; i++) {
  const { at, kind, inputs, output: result } = operators[i]
  if (kind === CONV || kind === DEPTHWISE) {
    convolution(at, inputs, result, kind === DEPTHWISE)
  } else if (isActivation(i)) {
    const slope = tensors[operators[i + 3].inputs[0]].values.map((c) => 2 * c)
    node('PRelu', [name(inputs[0]), constant(`w${operators[i + 3].inputs[0]}`, [slope.length, 1, 1], slope)],
      name(operators[i + 4].output))
    i += 4
  } else if (kind === ADD && !tensors[inputs[0]].values && !tensors[inputs[1]].values) {
    node('Add', inputs.map(name), name(result))
  } else if (kind === RESHAPE && result === output) {
    node('Flatten', [name(inputs[0])], name(result), { axis: 1 })
  } else {
    refuse(`operator ${kind}, which this net does not have`)
  }
}
const size = tensors[output].shape.at(-1)
fs.writeFileSync(to, Buffer.concat([number(1, 7), block(7, Buffer.concat([...nodes,
  block(2, 'mobilefacenet'), ...initializers, port(11, name(input), planes(tensors[input].shape)),
  port(12, name(output), [1, size])])), block(8, number(2, 13))]))
