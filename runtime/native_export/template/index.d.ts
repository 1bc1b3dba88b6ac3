/** A tensor: elements in row-major order. */
export interface Tensor<DType extends string, Data> {
  dtype: DType;
  shape: number[];
  data: Data;
}

/** What a function is given of a tensor. */
export type Input<T extends Tensor<string, unknown>> = Pick<T, 'data'> & { shape: readonly number[] };

/** An error of a function: its code, and a message that names the line of the program. */
export class StepwellError extends Error {
  readonly code: number;
}

/** Load the module: the file beside this one, a URL, its bytes, or a WebAssembly.Module. */
export function load(source?: URL | string | BufferSource | WebAssembly.Module): Promise<Library>;
