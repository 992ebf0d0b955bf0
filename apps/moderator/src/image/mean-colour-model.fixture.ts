import { node, onnxFile, value } from '../onnx-file.fixture.js';

/** Writes an ONNX model that gives the mean of each channel of [1, 3, side, side]: what its three classes are can be told by hand. */
export function meanColourModel(side: number): Uint8Array {
  return onnxFile({
    nodes: [node('GlobalAveragePool', ['pixels'], 'means'), node('Flatten', ['means'], 'logits')],
    inputs: [value('pixels', 'float32', 1, 3, side, side)],
    outputs: [value('logits', 'float32', 1, 3)],
  });
}
