/**
 * What a question of the JSON-RPC of Ethereum clients is answered with when it cannot be answered otherwise. Codes: JSON-RPC 2.0 and
 * EIP-1474; 3 is what all clients give for a call that a contract refused.
 */
export class RpcFailure extends Error {
  readonly code: number;
  readonly data: string | undefined;

  constructor(code: number, message: string, data?: string) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

export const parseError = -32_700;
export const invalidRequest = -32_600;
export const unknownMethod = -32_601;
export const invalidParams = -32_602;
export const internalError = -32_603;
/** As clients say of a call that could be no transaction. */
export const invalidCall = -32_000;
export const resourceNotFound = -32_001;
export const transactionRejected = -32_003;
export const limitExceeded = -32_005;
export const reverted = 3;

export const badParam = (what: string): RpcFailure => new RpcFailure(invalidParams, `Invalid params: ${what}`);
