import { type DataType, type NamedTensors, type Tensor, tensorFromBytes, tensorToBytes } from '@darkroom/tensor';
import { DarkroomError } from './error/darkroom-error.js';
import {
  DataType as DataTypeMessage,
  type NamedTensor as NamedTensorMessage,
  type Tensor as TensorMessage,
} from './generated/darkroom/tensor/v1/tensor.js';

/** Turns a tensor into its message; the bytes are a view of the tensor's own. */
export function toTensorMessage(tensor: Tensor): TensorMessage {
  const bytes = tensorToBytes(tensor);
  return {
    dataType: messages[tensor.dataType],
    shape: [...tensor.shape],
    data: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  };
}

/**
 * Turns a message back into a tensor with bytes of its own.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` when it is absent, of an unknown type, or its bytes don't fit its shape.
 */
export function fromTensorMessage(message: TensorMessage | undefined, param: string): Tensor {
  const dataType = message === undefined ? undefined : dataTypes.get(message.dataType);
  if (message === undefined || dataType === undefined) {
    throw new DarkroomError({ code: 'invalid_argument', message: `${param} must be a float32, float16 or int64 tensor`, param });
  }
  try {
    return tensorFromBytes(dataType, message.shape, message.data);
  } catch (cause) {
    throw new DarkroomError({ code: 'invalid_argument', message: `${param} does not have the bytes of its shape`, param, cause });
  }
}

/** Turns named tensors into their messages. */
export function toNamedTensorMessages(tensors: NamedTensors): NamedTensorMessage[] {
  return Object.entries(tensors).map(([name, tensor]) => ({ name, tensor: toTensorMessage(tensor) }));
}

/**
 * Turns messages back into named tensors.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` as `fromTensorMessage` does; its param is the tensor's name.
 */
export function fromNamedTensorMessages(messagesByName: readonly NamedTensorMessage[]): NamedTensors {
  return Object.fromEntries(messagesByName.map(({ name, tensor }) => [name, fromTensorMessage(tensor, name)]));
}

const messages: Record<DataType, DataTypeMessage> = {
  float32: DataTypeMessage.DATA_TYPE_FLOAT32,
  float16: DataTypeMessage.DATA_TYPE_FLOAT16,
  int64: DataTypeMessage.DATA_TYPE_INT64,
};

const dataTypes = new Map<DataTypeMessage, DataType>([
  [DataTypeMessage.DATA_TYPE_FLOAT32, 'float32'],
  [DataTypeMessage.DATA_TYPE_FLOAT16, 'float16'],
  [DataTypeMessage.DATA_TYPE_INT64, 'int64'],
]);
