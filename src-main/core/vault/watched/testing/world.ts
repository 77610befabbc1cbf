import { reconcile } from '../plan/reconcile.ts';
import { type Step, settle } from '../plan/steps.ts';
import {
  type Agreed,
  isBelow,
  joined,
  type LocalEntry,
  moveWithin,
  nameOf,
  parentOf,
  removeWithin,
  subtree,
  type VaultEntry,
} from '../plan/trees.ts';

interface LocalFile extends LocalEntry {
  readonly content: string;
}

/** A change that a person makes on one side. What cannot be done there does nothing. */
export type Change =
  | { readonly side: 'local' | 'vault'; readonly op: 'write' | 'delete' | 'folder' | 'touch'; readonly path: string }
  | { readonly side: 'local' | 'vault'; readonly op: 'rename'; readonly path: string; readonly to: string };

/** A directory and a folder of the vault in memory, with the steps done as the adapters do them: looking again first. */
export class World {
  readonly local = new Map<string, LocalFile>();
  readonly vault = new Map<string, VaultEntry>();
  readonly agreed = new Map<string, Agreed>();
  readonly contents = new Map<string, string>();
  readonly held = new Set<string>();
  /** Contents that somebody wrote and nobody who could see them took away. */
  readonly must = new Set<string>();
  #next = 0;

  #fresh(prefix: string): string {
    return `${prefix}${this.#next++}`;
  }

  #tree(side: 'local' | 'vault'): Map<string, LocalFile | VaultEntry> {
    return (side === 'local' ? this.local : this.vault) as Map<string, LocalFile | VaultEntry>;
  }

  contentAt(side: 'local' | 'vault', path: string): string | null {
    if (side === 'local') return this.local.get(path)?.content ?? null;
    return this.contents.get(this.vault.get(path)?.id ?? '') ?? null;
  }

  #hasParent(side: 'local' | 'vault', path: string): boolean {
    return parentOf(path) === '' || this.#tree(side).get(parentOf(path))?.kind === 'folder';
  }

  #put(side: 'local' | 'vault', path: string, content: string): void {
    if (side === 'local') {
      const print = this.#fresh('p');
      this.local.set(path, { kind: 'file', print, mark: print, content });
    } else {
      const id = this.#fresh('i');
      this.vault.set(path, { kind: 'file', id });
      this.contents.set(id, content);
    }
  }

  #makeFolder(side: 'local' | 'vault', path: string): void {
    if (side === 'local') this.local.set(path, { kind: 'folder', print: '', mark: this.#fresh('d'), content: '' });
    else this.vault.set(path, { kind: 'folder', id: this.#fresh('i') });
  }

  /** What a person does. */
  change(change: Change): void {
    const { side, path, op } = change;
    const tree = this.#tree(side);
    const there = tree.get(path);
    const letGo = (at: string): void => {
      const content = this.contentAt(side, at);
      if (content !== null && tree.get(at)?.kind === 'file') this.must.delete(content);
    };
    if (op === 'write') {
      if (there?.kind === 'folder' || !this.#hasParent(side, path)) return;
      letGo(path);
      const content = this.#fresh('c');
      this.#put(side, path, content);
      this.must.add(content);
    } else if (op === 'touch') {
      const content = this.contentAt(side, path);
      if (there?.kind === 'file' && content !== null) this.#put(side, path, content);
    } else if (op === 'delete') {
      for (const [at] of [...subtree(tree, path)]) letGo(at);
      removeWithin(tree, path);
    } else if (op === 'folder') {
      if (!there && this.#hasParent(side, path)) this.#makeFolder(side, path);
    } else if (change.op === 'rename') {
      const { to } = change;
      if (!there || tree.has(to) || isBelow(to, path) || !this.#hasParent(side, to)) return;
      moveWithin(tree, path, to);
    }
  }

  #agree(path: string, crash: boolean): void {
    if (crash) return;
    const l = this.local.get(path);
    const v = this.vault.get(path);
    if (l && v) this.agreed.set(path, { kind: l.kind, id: v.id, print: l.print, mark: l.mark });
  }

  /** Do one step; with `crash` what was done is not written down any more. @returns false when it was left */
  do(step: Step, crash = false): boolean {
    const { local, vault, agreed } = this;
    switch (step.do) {
      case 'forget':
        if (!local.has(step.path) && !vault.has(step.path) && !crash) agreed.delete(step.path);
        return true;
      case 'agree':
        this.#agree(step.path, crash);
        return true;
      case 'move-vault': {
        const { from, to } = step;
        const a = agreed.get(from);
        if (!a || vault.get(from)?.kind !== a.kind || vault.has(to) || !this.#hasParent('vault', to)) return false;
        if (local.get(to)?.mark !== a.mark) return false;
        moveWithin(vault, from, to);
        if (!crash) moveWithin(agreed, from, to);
        return true;
      }
      case 'move-local': {
        const { from, to } = step;
        if (!local.has(from) || local.has(to) || !this.#hasParent('local', to)) return false;
        if (vault.get(to)?.id !== agreed.get(from)?.id) return false;
        moveWithin(local, from, to);
        if (!crash) moveWithin(agreed, from, to);
        return true;
      }
      case 'set-aside': {
        if (!local.has(step.path)) return false;
        for (let n = 1; ; n++) {
          const to = joined(parentOf(step.path), `${nameOf(step.path)}!${n}`);
          if (local.has(to) || vault.has(to)) continue;
          moveWithin(local, step.path, to);
          return true;
        }
      }
      case 'remove-local': {
        const l = local.get(step.path);
        const a = agreed.get(step.path);
        const v = vault.get(step.path);
        if (!l || l.kind !== step.kind || v?.kind === l.kind) return false;
        if (l.kind === 'file' && l.print !== a?.print) return false;
        if ([...subtree(local, step.path)].length > 1) return false;
        local.delete(step.path);
        if (!crash) agreed.delete(step.path);
        return true;
      }
      case 'bin': {
        const below = [...subtree(vault, step.path)];
        if (below.some(([path, { id }]) => agreed.get(path)?.id !== id)) return false;
        removeWithin(vault, step.path);
        if (!crash) removeWithin(agreed, step.path);
        return true;
      }
      case 'make-local':
        if (local.has(step.path) || !this.#hasParent('local', step.path)) return false;
        if (vault.get(step.path)?.kind !== 'folder') return false;
        this.#makeFolder('local', step.path);
        this.#agree(step.path, crash);
        return true;
      case 'make-vault':
        if (vault.has(step.path) || !this.#hasParent('vault', step.path)) return false;
        if (local.get(step.path)?.kind !== 'folder') return false;
        this.#makeFolder('vault', step.path);
        this.#agree(step.path, crash);
        return true;
      case 'push':
        return this.#push(step.path, crash);
      case 'pull': {
        const l = local.get(step.path);
        const content = this.contentAt('vault', step.path);
        if (content === null || !this.#hasParent('local', step.path)) return false;
        if (l && (l.kind !== 'file' || l.print !== agreed.get(step.path)?.print)) return false;
        this.#put('local', step.path, content);
        this.#agree(step.path, crash);
        return true;
      }
    }
  }

  #push(path: string, crash: boolean): boolean {
    const l = this.local.get(path);
    const a = this.agreed.get(path);
    const v = this.vault.get(path);
    if (l?.kind !== 'file') return false;
    const same = {
      asVault: this.contentAt('vault', path) === l.content,
      asAgreed: a !== undefined && this.contents.get(a.id) === l.content,
    };
    switch (settle(a, v, same)) {
      case 'agree':
        this.#agree(path, crash);
        return true;
      case 'untouched':
        if (a && !crash) this.agreed.set(path, { ...a, print: l.print, mark: l.mark });
        return true;
      case 'create':
      case 'replace':
        if (!this.#hasParent('vault', path)) return false;
        this.#put('vault', path, l.content);
        this.#agree(path, crash);
        return true;
      case 'set-aside':
        return this.do({ do: 'set-aside', path });
      case 'leave':
        return false;
    }
  }

  shape(side: 'local' | 'vault'): string {
    return [...this.#tree(side)]
      .map(([path, { kind }]) => (kind === 'folder' ? `${path}/` : `${path}=${this.contentAt(side, path)}`))
      .sort()
      .join(' ');
  }

  /**
   * Until there is nothing more to do; `between` runs before every step and says whether the process dies in it: before it wrote
   * down what that step did, or (`round`) what the whole round did.
   */
  settleDown(between: (step: Step) => false | 'step' | 'round' = () => false): void {
    for (let round = 0; round < 40; round++) {
      const { steps } = reconcile(this);
      if (steps.length === 0) return;
      const written = [...this.agreed];
      for (const step of steps) {
        const crash = between(step);
        this.do(step, crash !== false);
        if (crash === 'round') {
          this.agreed.clear();
          for (const [path, agreed] of written) this.agreed.set(path, agreed);
        }
        if (crash) break;
      }
    }
    throw new Error(`it does not come to rest: ${JSON.stringify(reconcile(this).steps)}`);
  }

  /** What is wrong with where it ended, or null. */
  problem(): string | null {
    const [local, vault] = [this.shape('local'), this.shape('vault')];
    if (local !== vault) return `the sides differ: ${local} | ${vault}`;
    for (const content of this.must) if (!local.includes(`=${content}`)) return `${content} is lost: ${local}`;
    for (const [path, { id, print }] of this.agreed) {
      if (this.vault.get(path)?.id !== id || this.local.get(path)?.print !== print) return `${path} is not as agreed`;
    }
    return this.agreed.size === this.local.size ? null : 'not all is agreed';
  }
}
