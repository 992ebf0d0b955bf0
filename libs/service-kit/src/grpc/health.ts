import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import type { UnaryMethod } from './types.js';

/** Whether a server does its work, as grpc.health.v1 numbers it. */
export const ServingStatus = { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const;

/** grpc.health.v1.HealthCheckRequest. */
export interface HealthCheckRequest {
  /** Full name of a service; empty for the server as a whole. */
  readonly service: string;
}

/** grpc.health.v1.HealthCheckResponse. */
export interface HealthCheckResponse {
  readonly status: number;
}

// The standard's two messages have one field each (https://github.com/grpc/grpc/blob/master/doc/health-checking.md), both with
// field number 1, so their codecs are written here instead of carrying a copy of a foreign .proto.
const FIELD_1_BYTES = (1 << 3) | 2;
const FIELD_1_VARINT = 1 << 3;

function encodeRequest({ service }: HealthCheckRequest): Buffer {
  const writer = new BinaryWriter();
  if (service !== '') writer.uint32(FIELD_1_BYTES).string(service);
  return Buffer.from(writer.finish());
}

function encodeResponse({ status }: HealthCheckResponse): Buffer {
  const writer = new BinaryWriter();
  if (status !== 0) writer.uint32(FIELD_1_VARINT).int32(status);
  return Buffer.from(writer.finish());
}

function decodeField1<Value>(bytes: Uint8Array, wanted: number, byDefault: Value, read: (reader: BinaryReader) => Value): Value {
  const reader = new BinaryReader(bytes);
  let value = byDefault;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === wanted) value = read(reader);
    else reader.skip(tag & 7);
  }
  return value;
}

const check: UnaryMethod<HealthCheckRequest, HealthCheckResponse> = {
  path: '/grpc.health.v1.Health/Check',
  requestStream: false,
  responseStream: false,
  requestSerialize: encodeRequest,
  requestDeserialize: (bytes) => ({ service: decodeField1(bytes, FIELD_1_BYTES, '', (reader) => reader.string()) }),
  responseSerialize: encodeResponse,
  responseDeserialize: (bytes) => ({ status: decodeField1<number>(bytes, FIELD_1_VARINT, 0, (reader) => reader.int32()) }),
};

/** The unary half of the standard health service, which each gRPC server of the platform offers. */
export const HealthService = { check } as const;
