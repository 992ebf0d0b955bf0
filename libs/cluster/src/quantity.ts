const suffixes: Readonly<Record<string, number>> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * Reads a quantity as Kubernetes writes it, for instance `500m`, `16Gi`, `2` or `1e3`.
 *
 * @throws {TypeError} Thrown when it is none.
 */
export function parseQuantity(text: string): number {
  const [, number, suffix = ''] = /^([+-]?\d*\.?\d+(?:[eE][+-]?\d+)?|[+-]?\d+\.)([a-zA-Z]{0,2})$/.exec(text) ?? [];
  const factor = suffixes[suffix];
  if (number === undefined || factor === undefined) throw new TypeError(`"${text}" is no quantity`);
  return Number(number) * factor;
}
