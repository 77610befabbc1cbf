/**
 * The `If` header (RFC 4918, 10.4): lists of which one must hold, each a list of conditions which all must.
 *
 *     If = 1*No-tag-list | 1*Tagged-list
 *     No-tag-list = List       Tagged-list = "<" Simple-ref ">" 1*List
 *     List = "(" 1*Condition ")"      Condition = ["Not"] ("<" state-token ">" | "[" entity-tag "]")
 */
export interface IfList {
  /** The resource it is about as it was written; null for the one of the request. */
  readonly resource: string | null;
  readonly conditions: readonly IfCondition[];
}
export interface IfCondition {
  readonly not: boolean;
  readonly kind: 'token' | 'tag';
  /** A state token, or an entity tag with its quotes and without `W/`. */
  readonly value: string;
}

const mostConditions = 256;

/** The lists in order; null for what is no such header. One pass, whatever it holds. */
export function parseIf(header: string): readonly IfList[] | null {
  const lists: IfList[] = [];
  let at = 0;
  let resource: string | null = null;
  let listsOfResource = 0;
  let count = 0;
  const space = (): void => {
    while (header[at] === ' ' || header[at] === '\t') at++;
  };
  const until = (end: string): string | null => {
    const stop = header.indexOf(end, at);
    if (stop < 0) return null;
    const text = header.slice(at, stop);
    at = stop + 1;
    return text;
  };
  for (space(); at < header.length; space()) {
    const opening = header[at++];
    if (opening === '<') {
      // A tag after lists without one, or after a tag that has none.
      if ((resource === null && lists.length > 0) || (resource !== null && listsOfResource === 0)) return null;
      resource = until('>');
      if (!resource || /[\s<]/.test(resource)) return null;
      listsOfResource = 0;
      continue;
    }
    if (opening !== '(') return null;
    const conditions: IfCondition[] = [];
    for (space(); header[at] !== ')'; space()) {
      if (at >= header.length || ++count > mostConditions) return null;
      let not = false;
      if (/^not[ \t<[]/i.test(header.slice(at, at + 4))) {
        not = true;
        at += 3;
        space();
      }
      const kind = header[at++];
      const value = kind === '<' ? until('>') : kind === '[' ? until(']') : null;
      if (!value) return null;
      if (kind === '<') {
        if (/[\s<]/.test(value)) return null;
        conditions.push({ not, kind: 'token', value });
      } else {
        const tag = /^(?:W\/)?("[^"]*")$/.exec(value.trim())?.[1];
        if (tag === undefined) return null;
        conditions.push({ not, kind: 'tag', value: tag });
      }
    }
    at++;
    if (conditions.length === 0) return null;
    lists.push({ resource, conditions });
    listsOfResource++;
  }
  return lists.length === 0 || (resource !== null && listsOfResource === 0) ? null : lists;
}

/** Tokens that the sender says it holds: all that are named, also where a list turns out not to hold. */
export function tokensOf(lists: readonly IfList[]): ReadonlySet<string> {
  const tokens = lists.flatMap(({ conditions }) => conditions.filter((c) => c.kind === 'token' && !c.not));
  return new Set(tokens.map(({ value }) => value));
}

export interface IfState {
  /** Tag of what is there now; null for none. */
  tag(resource: string | null): string | null;
  /** A lock of that token covers the resource now. */
  locked(resource: string | null, token: string): boolean;
}

/** One of the lists holds. */
export function holds(lists: readonly IfList[], state: IfState): boolean {
  return lists.some(({ resource, conditions }) =>
    conditions.every(({ not, kind, value }) => {
      const met = kind === 'token' ? state.locked(resource, value) : state.tag(resource) === value;
      return met !== not;
    }),
  );
}
