/**
 * Why a public SSH key cannot be used although it has the shape of one; null when it can. Its base64 part begins with the kind once more,
 * as a length of 4 bytes and a name (RFC 4253 section 6.6); a comment with control characters would be obeyed by terminals.
 */
export function wrongKey(key: string): string | null {
  const [kind = '', body = '', ...comment] = key.trim().split(' ');
  const bytes = Buffer.from(body, 'base64');
  const named = bytes.length >= 4 ? bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString('latin1') : '';
  if (named !== kind)
    return `The SSH key that ends in ${body.slice(-12)} is damaged: it does not hold what it says it is.`;
  return /\p{Cc}/u.test(comment.join(' ')) ? 'The comment of an SSH key holds control characters.' : null;
}
