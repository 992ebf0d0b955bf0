import type { ChannelOptions } from '@grpc/grpc-js';

/** Largest message that may cross a gRPC connection; a 32,768-token conditioning or a 1024×1024 PNG fits many times over. */
export const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** Options of every server and channel: big enough messages, dead peers noticed, quick reconnects, no hidden retries. */
export const channelOptions: ChannelOptions = {
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.min_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  'grpc.enable_retries': 0,
};
