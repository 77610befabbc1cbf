import type { Context, DeviceRecord } from '../model/records.ts';
import { readRecord, recordValue } from './record.ts';
import { context, contextValue, count, id, idBytes, list, orNull, packed, readPacked } from './values.ts';

/*
 * What two replicas say to each other (docs/formats/devices.md):
 *
 *   question  [1, life 16 or nil, position, vector]
 *   answer    [1, life 16, from, to, vector or nil, [record, ...]]
 *
 * `life` names one run of the answering replica, `position` how far the asker has followed what that had to tell. An answer holds what lies
 * between two positions and is not in the asker's vector; the last one gives the answerer's vector: with all before it, the
 * asker then knows all of that.
 */

const version = 1;

export interface Question {
  readonly life: string | null;
  readonly position: number;
  readonly vector: Context;
}
export interface Answer {
  readonly life: string;
  readonly from: number;
  readonly to: number;
  readonly vector: Context | null;
  readonly records: readonly DeviceRecord[];
}

const questionValue = ({ life, position, vector }: Question): unknown => [
  version,
  life === null ? null : idBytes(life),
  position,
  contextValue(vector),
];
export const encodeQuestion = (question: Question): Uint8Array => packed(questionValue(question));
export const decodeQuestion = (bytes: Uint8Array): Question | null =>
  readPacked(
    bytes,
    (value) => {
      const [v, life, position, vector] = list(value, 4);
      count(v, version, version);
      return { life: orNull(life, id), position: count(position), vector: context(vector) };
    },
    questionValue,
  );

const answerValue = ({ life, from, to, vector, records }: Answer): unknown => [
  version,
  idBytes(life),
  from,
  to,
  vector === null ? null : contextValue(vector),
  records.map(recordValue),
];
export const encodeAnswer = (answer: Answer): Uint8Array => packed(answerValue(answer));
/** Records of one answer. */
export const mostRecords = 16_384;
export const decodeAnswer = (bytes: Uint8Array): Answer | null =>
  readPacked(
    bytes,
    (value) => {
      const [v, life, from, to, vector, records] = list(value, 6);
      count(v, version, version);
      const end = count(to);
      return {
        ...{ life: id(life), from: count(from, end), to: end, vector: orNull(vector, context) },
        records: list(records, 0, mostRecords).map(readRecord),
      };
    },
    answerValue,
  );
