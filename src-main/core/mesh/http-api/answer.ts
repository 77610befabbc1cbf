/** What is answered to a request. */
export interface Answer {
  readonly status: number;
  readonly json?: unknown;
  /** For people, when there is no JSON. */
  readonly text?: string;
  readonly allow?: string;
  /** The answer was handed to the system in full, or the client left before. */
  readonly sent?: () => void;
  readonly lost?: () => void;
}

/** Thrown where a request cannot be served; answered as it is. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(status: number, text: string, more: Partial<Answer> = {}) {
    super(text);
    this.answer = { ...more, status, text };
  }
}

export const badRequest = (text: string): Refusal => new Refusal(400, text);
export const unprocessable = (text: string): Refusal => new Refusal(422, text);
export const forbidden = (text: string): Refusal => new Refusal(403, text);
export const notFound = (): Refusal => new Refusal(404, 'There is nothing here.');
export const wrongMethod = (allow: string): Refusal => new Refusal(405, `Only ${allow} is answered here.`, { allow });
