/** Weights of the shipped file, folded as `baselines/rethined/network/folding.py`, into one array for the graph. */

type Tensors = Map<string, { shape: readonly number[]; values: Float32Array }>;

/** Extent of each tensor in the graph's external data, in bytes. */
export interface Layout {
  readonly bytes: number;
  readonly sha256: string;
  readonly tensors: Readonly<Record<string, { readonly offset: number; readonly length: number }>>;
}

const EPSILON = 1e-5; // of torch's BatchNorm2d
const FOLDED = ["conv.", "norm.", "scale.", "scale_norm.", "skip."];

/**
 * Read a safetensors file and fold every convolution with its branches.
 *
 * @throws Error where a tensor of the graph is absent or has another size.
 */
export function graphWeights(file: ArrayBuffer, layout: Layout): Uint8Array {
  const tensors = folded(parsed(file));
  const weights = new Uint8Array(layout.bytes);
  for (const [name, { offset, length }] of Object.entries(layout.tensors)) {
    const tensor = tensors.get(name);
    if (tensor?.values.byteLength !== length)
      throw new Error(`the weights do not fit the graph: ${name} is absent or of another size; reload the page`);
    weights.set(new Uint8Array(tensor.values.buffer, tensor.values.byteOffset, length), offset);
  }
  return weights;
}

function parsed(file: ArrayBuffer): Tensors {
  const length = Number(new DataView(file).getBigUint64(0, true));
  const text = new TextDecoder().decode(new Uint8Array(file, 8, length));
  const header = JSON.parse(text) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const table = halfTable();
  const tensors: Tensors = new Map();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (name === "__metadata__" || dtype === "I64") continue;
    const [start, end] = data_offsets;
    const bytes = file.slice(8 + length + start, 8 + length + end);
    if (dtype === "F32") tensors.set(name, { shape, values: new Float32Array(bytes) });
    else if (dtype === "F16")
      tensors.set(name, { shape, values: widened(new Uint16Array(bytes), table) });
    else throw new Error(`the weights hold ${dtype}, F16 and F32 are read; reload the page`);
  }
  return tensors;
}

function widened(halves: Uint16Array, table: Float32Array): Float32Array {
  const values = new Float32Array(halves.length);
  for (let at = 0; at < halves.length; at++) values[at] = table[halves[at]!]!;
  return values;
}

/** Value of every half-precision number. */
function halfTable(): Float32Array {
  return Float32Array.from({ length: 65536 }, (_, half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return exponent ? sign * 2 ** (exponent - 15) * (1 + fraction / 1024) : sign * 2 ** -24 * fraction;
  });
}

function folded(plain: Tensors): Tensors {
  const suffix = "norm.running_var";
  const blocks = [...plain.keys()].filter((name) => name.endsWith(`.${suffix}`)).map((name) => name.slice(0, -suffix.length));
  const ready: Tensors = new Map();
  for (const block of blocks) {
    const [weight, bias, shape] = convolution(plain, block);
    ready.set(`${block}0.weight`, { shape, values: new Float32Array(weight) });
    ready.set(`${block}0.bias`, { shape: [bias.length], values: new Float32Array(bias) });
  }
  for (const [name, tensor] of plain) {
    const home = blocks.find((block) => name.startsWith(block));
    if (home === undefined) {
      ready.set(name, tensor);
      continue;
    }
    const rest = name.slice(home.length);
    if (!FOLDED.some((prefix) => rest.startsWith(prefix)))
      ready.set(`${home}1.${rest.replace(/^after\./, "")}`, tensor);
  }
  return ready;
}

/** Add up the branches of one block, in double precision. */
function convolution(plain: Tensors, block: string): [Float64Array, Float64Array, readonly number[]] {
  const { shape, values } = tensorOf(plain, `${block}conv.weight`);
  const [outputs, inputs, height, width] = shape as [number, number, number, number];
  const area = height * width;
  const middle = Math.floor(height / 2) * width + Math.floor(height / 2);
  const [weight, bias] = withNorm(new Float64Array(values), plain, `${block}norm`);
  const small = plain.get(`${block}scale.weight`);
  if (small) {
    const [branch, offset] = withNorm(new Float64Array(small.values), plain, `${block}scale_norm`);
    for (let at = 0; at < branch.length; at++) weight[at * area + middle]! += branch[at]!;
    add(bias, offset);
  }
  if (plain.has(`${block}skip.running_var`)) {
    const identity = new Float64Array(outputs * inputs * area);
    for (let channel = 0; channel < outputs; channel++)
      identity[(channel * inputs + (channel % inputs)) * area + middle] = 1;
    const [branch, offset] = withNorm(identity, plain, `${block}skip`);
    add(weight, branch);
    add(bias, offset);
  }
  return [weight, bias, shape];
}

function add(sum: Float64Array, other: Float64Array): void {
  for (let at = 0; at < sum.length; at++) sum[at]! += other[at]!;
}

function withNorm(weight: Float64Array, plain: Tensors, norm: string): [Float64Array, Float64Array] {
  const [scale, shift, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map(
    (name) => tensorOf(plain, `${norm}.${name}`).values,
  ) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const size = weight.length / scale.length;
  const bias = new Float64Array(scale.length);
  for (let channel = 0; channel < scale.length; channel++) {
    const factor = scale[channel]! / Math.sqrt(variance[channel]! + EPSILON);
    for (let at = channel * size; at < (channel + 1) * size; at++) weight[at]! *= factor;
    bias[channel] = shift[channel]! - mean[channel]! * factor;
  }
  return [weight, bias];
}

function tensorOf(tensors: Tensors, name: string): { shape: readonly number[]; values: Float32Array } {
  const tensor = tensors.get(name);
  if (!tensor) throw new Error(`the weights lack ${name}; reload the page`);
  return tensor;
}
