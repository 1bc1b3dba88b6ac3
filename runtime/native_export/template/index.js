// What calls the functions of a WebAssembly module: tensors go in and out as typed arrays with shapes.

const ARRAYS = {
  float32: Float32Array, float64: Float64Array, int8: Int8Array, int16: Int16Array, int32: Int32Array,
  int64: BigInt64Array, uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, uint64: BigUint64Array,
  bool: Uint8Array, float16: Uint16Array, bfloat16: Uint16Array, complex64: Float32Array, complex128: Float64Array,
};
const CODES = {
  float32: 1, uint8: 2, int8: 3, uint16: 4, int16: 5, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11,
  uint32: 12, uint64: 13, complex64: 14, complex128: 15, bfloat16: 16,
};
const TENSOR = 80; // bytes of a sw_tensor: data, dtype, rank, padding, 8 sizes of 64 bits
const ERROR = 516; // bytes of a sw_error: code, message
const MOST_AXES = 8;

/** An error of a function: its code, and a message that names the line of the program. */
export class StepwellError extends Error {
  constructor(code, message) {
    super(message);
    this.name = "StepwellError";
    this.code = code;
  }
}

/** An instance of the module, and its memory, whose views are made anew after each growth. */
class Machine {
  constructor(exports) {
    this.exports = exports;
  }

  get view() {
    return new DataView(this.exports.memory.buffer);
  }

  reserve(bytes) {
    const address = this.exports.malloc(Math.max(bytes, 1)) >>> 0;
    if (address === 0) throw new StepwellError(8, `there is not enough memory for ${bytes} bytes`);
    return address;
  }

  /** The tensor that is described at an address; its elements are copied. */
  tensor(at, item) {
    const view = this.view;
    const rank = view.getInt32(at + 8, true);
    const shape = Array.from({ length: rank }, (_, axis) => Number(view.getBigInt64(at + 16 + 8 * axis, true)));
    const length = shape.reduce((product, size) => product * size, item.dtype.startsWith("complex") ? 2 : 1);
    const data = new ARRAYS[item.dtype](view.buffer, view.getUint32(at, true), length).slice();
    return { dtype: item.dtype, shape, data };
  }

  /** Describe a tensor at an address; gives the address of its elements, which the caller frees. */
  describe(at, item, tensor, what) {
    const { data, shape } = checked(item, tensor, what);
    const elements = this.reserve(data.byteLength);
    const view = this.view;
    new Uint8Array(view.buffer, elements, data.byteLength).set(
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    view.setUint32(at, elements, true);
    view.setInt32(at + 4, CODES[item.dtype], true);
    view.setInt32(at + 8, shape.length, true);
    shape.forEach((size, axis) => view.setBigInt64(at + 16 + 8 * axis, BigInt(size), true));
    return elements;
  }

  raise(at) {
    const bytes = new Uint8Array(this.exports.memory.buffer, at + 4, ERROR - 4);
    const message = new TextDecoder().decode(bytes.slice(0, bytes.indexOf(0)));
    throw new StepwellError(this.view.getInt32(at, true), message);
  }

  /** Call a function with tensors, and with the address of a state if it takes one. */
  call(entry, tensors, state) {
    const { name, inputs, results } = entry;
    if (tensors.length !== inputs.length) {
      throw new TypeError(`${name}: expected ${inputs.length} tensors, got ${tensors.length}`);
    }
    const first = this.reserve(TENSOR * (inputs.length + results.length) + ERROR);
    const error = first + TENSOR * (inputs.length + results.length);
    const elements = [];
    try {
      inputs.forEach((item, index) => {
        elements.push(this.describe(first + TENSOR * index, item, tensors[index], `${name}: ${item.name}`));
      });
      const places = [...inputs, ...results].map((_, index) => first + TENSOR * index);
      const status = this.exports[entry.symbol](...(entry.state ? [state] : []), ...places, error);
      if (status !== 0) this.raise(error);
      return this.results(entry, places.slice(inputs.length));
    } finally {
      elements.forEach((address) => this.exports.free(address));
      this.exports.free(first);
    }
  }

  results({ results }, places) {
    const found = results.map((item, index) => {
      const tensor = this.tensor(places[index], item);
      this.exports[SYMBOLS.free](places[index]);
      return tensor;
    });
    if (found.length < 2) return found[0];
    return Object.fromEntries(results.map((item, index) => [item.name, found[index]]));
  }
}

function checked(item, tensor, what) {
  const ArrayOf = ARRAYS[item.dtype];
  const { data, shape } = tensor ?? {};
  if (!(data instanceof ArrayOf)) {
    throw new TypeError(`${what}: expected { data: ${ArrayOf.name}, shape } for ${item.dtype}`);
  }
  if (!Array.isArray(shape) || !shape.every((size) => Number.isInteger(size) && size >= 0)) {
    throw new TypeError(`${what}: expected a shape of integers that are not negative, got ${shape}`);
  }
  if (shape.length > MOST_AXES) throw new TypeError(`${what}: expected at most ${MOST_AXES} sizes, got ${shape.length}`);
  const length = shape.reduce((product, size) => product * size, item.dtype.startsWith("complex") ? 2 : 1);
  if (length !== data.length) {
    throw new RangeError(`${what}: expected ${length} elements for shape [${shape}], got ${data.length}`);
  }
  return { data, shape };
}

/** The functions as methods, bound to a state where they take one. */
function addMethods(target, machine, entries, state) {
  for (const entry of entries) {
    Object.defineProperty(target, entry.method, {
      value: (...tensors) => machine.call(entry, tensors, state?.()),
      enumerable: true,
    });
  }
}

/** The Variables of the module: one set of values, with the functions that read or assign them. */
class State {
  #machine;
  #address;

  constructor(machine) {
    this.#machine = machine;
    this.#address = machine.reserve(TENSOR * VARIABLES.length + ERROR);
    const error = this.#address + TENSOR * VARIABLES.length;
    try {
      if (machine.exports[SYMBOLS.init](this.#address, error) !== 0) machine.raise(error);
    } catch (problem) {
      machine.exports.free(this.#address);
      throw problem;
    }
    addMethods(this, machine, FUNCTIONS.filter((entry) => entry.state), () => this.#used());
  }

  #used() {
    if (this.#address === 0) throw new StepwellError(3, "this state has been freed");
    return this.#address;
  }

  /** Copies of the Variables' values, by name. */
  get variables() {
    const address = this.#used();
    return Object.fromEntries(
      VARIABLES.map((item, index) => [item.name, this.#machine.tensor(address + TENSOR * index, item)]));
  }

  /** Set the value of a Variable. */
  assign(name, tensor) {
    const index = VARIABLES.findIndex((item) => item.name === name);
    if (index < 0) throw new RangeError(`there is no Variable ${name}`);
    const { data, shape } = checked(VARIABLES[index], tensor, name);
    const at = this.#used() + TENSOR * index;
    const expected = this.#machine.tensor(at, VARIABLES[index]).shape;
    if (`${shape}` !== `${expected}`) throw new RangeError(`${name}: expected shape [${expected}], got [${shape}]`);
    const { view } = this.#machine;
    new Uint8Array(view.buffer, view.getUint32(at, true), data.byteLength).set(
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }

  /** Free the memory of the Variables. */
  free() {
    if (this.#address === 0) return;
    this.#machine.exports[SYMBOLS.destroy](this.#address);
    this.#machine.exports.free(this.#address);
    this.#address = 0;
  }
}

async function instantiated(source) {
  if (source instanceof WebAssembly.Module) return WebAssembly.instantiate(source, {});
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    return (await WebAssembly.instantiate(source, {})).instance;
  }
  const url = source ?? new URL(`./${FILE}`, import.meta.url);
  if (`${url}`.startsWith("file:")) {
    const { readFile } = await import("node:fs/promises");
    return (await WebAssembly.instantiate(await readFile(new URL(url)), {})).instance;
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return (await WebAssembly.instantiate(await response.arrayBuffer(), {})).instance;
}

/** The functions of a module that is loaded; every call of `load` makes one with its own memory. */
class Library {
  #machine;

  constructor(exports) {
    this.#machine = new Machine(exports);
    addMethods(this, this.#machine, FUNCTIONS.filter((entry) => !entry.state));
    if (VARIABLES.length > 0) this.newState = () => new State(this.#machine);
  }
}

/** Load the module: the file beside this one, a URL, its bytes, or a WebAssembly.Module. */
export async function load(source) {
  const { exports } = await instantiated(source);
  exports._initialize?.();
  return new Library(exports);
}
