import { Trouble } from '../trouble.ts';
import type { S3Target } from './options.ts';

/** An answer of the server that is not a success: status of HTTP, and S3's own code where it gave one. */
export class Refusal extends Trouble {
  readonly status: number;
  readonly s3Code: string;

  constructor(status: number, s3Code: string, ...trouble: ConstructorParameters<typeof Trouble>) {
    super(...trouble);
    this.status = status;
    this.s3Code = s3Code;
  }
}

const inXml = (name: string, body: string): string => {
  const begin = body.indexOf(`<${name}>`);
  const end = begin < 0 ? -1 : body.indexOf(`</${name}>`, begin);
  return end < 0 ? '' : body.slice(begin + name.length + 2, end).trim();
};

/** What S3 and its many relatives call a bucket, account or disk that takes no more. */
const fullCode = /quota|storage_?cap|storage_?full|insufficient_?storage|disk_?full|no_?space/i;
const fullWords = /quota|storage cap|insufficient storage|no space left|storage (?:is )?full/i;

/** Codes for which S3 asks to try again, with statuses that alone would not say so. */
const passingCode =
  /^(RequestTimeout|SlowDown|Throttling|ThrottlingException|TooManyRequests|InternalError|ServiceUnavailable|BadDigest|IncompleteBody|ConditionalRequestConflict|OperationAborted)$/;

/** Put into words what the server answered. `body` is the beginning of the answer's text. Source: AWS, "S3 API error responses". */
export function readRefusal(target: S3Target, status: number, body: string): Refusal {
  const code = inXml('Code', body).slice(0, 100);
  const said = inXml('Message', body).slice(0, 300);
  const { host, bucket } = target;
  const make = (kind: Trouble['kind'], text: string, next: string, passing = false): Refusal =>
    new Refusal(status, code, kind, text, { next, passing });

  if (status === 507 || fullCode.test(code) || (status >= 400 && fullWords.test(said))) {
    return make(
      'full',
      `${host} takes no more data in the bucket ${bucket}.`,
      'Make room there or raise its quota, or add another place.',
    );
  }
  switch (code) {
    case 'RequestTimeTooSkewed':
      return make(
        'refused',
        `The clocks of this computer and of ${host} are too far apart, so it refuses whatever is asked.`,
        'Set this computer’s date, time and time zone right.',
      );
    case 'InvalidAccessKeyId':
      return make(
        'refused',
        `${host} does not know this access key.`,
        'Enter the access key once more, or make a new one with your provider.',
      );
    case 'SignatureDoesNotMatch':
      return make(
        'refused',
        `${host} says that the secret key does not fit the access key.`,
        'Enter the secret key once more, and check the region.',
      );
    case 'AuthorizationHeaderMalformed':
      return make(
        'refused',
        `${host} refuses the region ${target.region}${said ? ` (“${said}”)` : ''}.`,
        'Enter the region of the bucket.',
      );
    case 'PermanentRedirect':
    case 'TemporaryRedirect':
      return make(
        'refused',
        `The bucket ${bucket} is at another address than ${host}.`,
        'Enter the address of the bucket’s own region.',
      );
    case 'NoSuchBucket':
      return make(
        'absent',
        `There is no bucket ${bucket} at ${host}.`,
        'Make the bucket with your provider, or check its name.',
      );
  }
  if (passingCode.test(code) || status === 408 || status === 429 || (status >= 500 && status !== 501)) {
    return make(
      'silent',
      `${host} cannot answer right now (${status}${code ? `, ${code}` : ''}).`,
      'Nothing needs doing: it is tried again.',
      true,
    );
  }
  if (status === 401 || status === 403) {
    return make(
      'refused',
      `${host} does not let this access key use the bucket ${bucket}${said ? ` (“${said}”)` : ''}.`,
      'Allow the key to list, read, write and delete there, or use another one.',
    );
  }
  if (status >= 300 && status < 400 && status !== 304) {
    return make(
      'refused',
      `${host} sends us to another address, which Hypha does not follow.`,
      'Enter the address it is at now.',
    );
  }
  return make(
    'broken',
    `${host} answered ${status}${code ? ` ${code}` : ''}${said ? ` (“${said}”)` : ''}.`,
    'See that the address is that of an S3 server and that bucket and region are right.',
  );
}
