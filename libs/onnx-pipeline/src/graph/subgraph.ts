import { concatenate, type Field, fieldsOf, lengthDelimited, textsOf, wholeNumber } from './protobuf.js';

// Numbers of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), which never change meaning.
const ModelField = { graph: 7 } as const;
const GraphField = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13 } as const;
const NodeField = { input: 1, output: 2, attribute: 5 } as const;
const AttributeField = { graph: 6, graphs: 11 } as const;
const TensorField = { name: 8 } as const;
const ValueInfoField = { name: 1, type: 2 } as const;
const float32 = 1;

/** Where a graph is cut out of another: names of tensors. */
export interface Cut {
  /** Tensors that become inputs, instead of being computed. What else is needed of the graph's own inputs stays an input. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * Cuts the part of an ONNX graph out that leads from some of its tensors to others, as `onnx.utils.extract_model` does.
 *
 * What is kept is copied byte for byte, external data by its reference. A tensor that becomes an input is declared as the graph declares
 * it, or else as float32 of any shape.
 *
 * @param model a ModelProto.
 * @returns a ModelProto with the nodes and weights that the outputs need.
 * @throws RangeError when the bytes are no ModelProto, or the graph has no tensor of a given name.
 */
export function extractSubgraph(model: Uint8Array, { inputs, outputs }: Cut): Uint8Array {
  const modelFields = fieldsOf(model);
  const graphFields = modelFields.filter(({ number }) => number === ModelField.graph).flatMap(({ value }) => fieldsOf(value));
  const named = graphFields.map(nameField);
  const nodes = named.filter(({ field }) => field.number === GraphField.node);

  const known = new Set(named.flatMap(({ gives }) => gives));
  const unknown = [...inputs, ...outputs].filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new RangeError(`the graph has no tensor ${unknown.join(', ')}`);
  }

  // Nodes stand in topological order, so one pass from the end finds all that the outputs need.
  const given = new Set(inputs);
  const needed = new Set(outputs);
  const kept = new Set<Field>();
  for (const { field, takes, gives } of nodes.reverse()) {
    if (gives.some((name) => needed.has(name) && !given.has(name))) {
      kept.add(field);
      for (const name of takes) needed.add(name);
    }
  }

  const declarations = new Map(
    named.filter(({ field }) => field.number === GraphField.valueInfo).map(({ field, gives }) => [gives[0], field.value]),
  );
  const rest = named.filter(({ field, gives }) => {
    const { number } = field;
    if (number === GraphField.node) return kept.has(field);
    if (number === GraphField.output) return false;
    const isOfTensor = number === GraphField.initializer || number === GraphField.input || number === GraphField.valueInfo;
    return !isOfTensor || gives.some((name) => needed.has(name) && !given.has(name));
  });
  const graph = [
    ...rest.map(({ field }) => field.bytes),
    ...inputs.map((name) => lengthDelimited(GraphField.input, [declarations.get(name) ?? anyFloat32(name)])),
    // The runtime infers an output's type.
    ...outputs.map((name) => lengthDelimited(GraphField.output, [lengthDelimited(ValueInfoField.name, name)])),
  ];
  return concatenate([
    ...modelFields.filter(({ number }) => number !== ModelField.graph).map(({ bytes }) => bytes),
    lengthDelimited(ModelField.graph, graph),
  ]);
}

/** A field of a graph with the names of the tensors that it takes and gives. */
interface NamedField {
  readonly field: Field;
  readonly takes: readonly string[];
  readonly gives: readonly string[];
}

function nameField(field: Field): NamedField {
  switch (field.number) {
    case GraphField.node:
      return { field, takes: takenBy(field), gives: textsOf(fieldsOf(field.value), NodeField.output) };
    case GraphField.initializer:
      return { field, takes: [], gives: textsOf(fieldsOf(field.value), TensorField.name) };
    case GraphField.input:
    case GraphField.valueInfo:
      return { field, takes: [], gives: textsOf(fieldsOf(field.value), ValueInfoField.name) };
    default:
      return { field, takes: [], gives: [] };
  }
}

/** What a node takes, and what the graphs inside it take, which may be tensors of the graph around. */
function takenBy(node: Field): string[] {
  const fields = fieldsOf(node.value);
  const inner = fields
    .filter(({ number }) => number === NodeField.attribute)
    .flatMap(({ value }) => fieldsOf(value))
    .filter(({ number }) => number === AttributeField.graph || number === AttributeField.graphs)
    .flatMap(({ value }) => fieldsOf(value))
    .filter(({ number }) => number === GraphField.node);
  // An optional input that is left out has an empty name.
  const given = textsOf(fields, NodeField.input).filter((name) => name !== '');
  return [...given, ...inner.flatMap(takenBy)];
}

/** ValueInfoProto of a float32 tensor whose shape is not told. */
function anyFloat32(name: string): Uint8Array {
  const tensorType = lengthDelimited(1, [wholeNumber(1, float32)]);
  return concatenate([lengthDelimited(ValueInfoField.name, name), lengthDelimited(ValueInfoField.type, [tensorType])]);
}
