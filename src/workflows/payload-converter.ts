import { defaultPayloadConverter, type PayloadConverter } from '@temporalio/common';

/**
 * Temporal's own converter, but for a payload that it cannot read: that is `undefined` then. Anybody may send one, it stays in
 * the history, and each task of the workflow would fail at it without end; of a wrong value every reader here makes the best. A
 * worker takes it too, for the heartbeat details of its activities.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value) => defaultPayloadConverter.toPayload(value),
  fromPayload: ((payload) => {
    try {
      return defaultPayloadConverter.fromPayload(payload);
    } catch {
      return undefined;
    }
  }) as PayloadConverter['fromPayload'],
};
