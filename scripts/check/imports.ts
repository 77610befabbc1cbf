/** One import of a source text. `type` imports leave no trace at run time. */
export interface Import {
  readonly target: string;
  readonly type: boolean;
}

const name = String.raw`[\w$*{}\s,]`;
const forms: readonly RegExp[] = [
  new RegExp(String.raw`^\s*import\s+(type\s+)?${name}+?\sfrom\s*['"]([^'"\n]+)['"]`, 'gm'),
  new RegExp(String.raw`^\s*export\s+(type\s+)?[{*]${name}*?\sfrom\s*['"]([^'"\n]+)['"]`, 'gm'),
  /^\s*import\s+()['"]([^'"\n]+)['"]/gm,
  /\bimport\(\s*()['"]([^'"\n]+)['"]\s*\)/g,
  /\brequire\(\s*()['"]([^'"\n]+)['"]\s*\)/g,
  /\bnew URL\(\s*()['"](\.{1,2}\/[^'"\n]+\.tsx?)['"]\s*,\s*import\.meta\.url/g,
];

/**
 * The imports of a TypeScript text, found by their written form. A scan rather than a parse: TypeScript 7 has no
 * JavaScript interface yet, and the formatter keeps these forms regular. Comments are cut first.
 */
export function importsOf(code: string): Import[] {
  const text = withoutComments(code);
  const found = forms.flatMap((form) =>
    [...text.matchAll(form)].map((match) => ({ target: match[2] ?? '', type: (match[1] ?? '') !== '' })),
  );
  // `import { type A, type B } from` is kept at run time under verbatimModuleSyntax, so it counts as a value import.
  return found;
}

/** Block comments and whole-line comments; a `//` inside a line is left, since it may stand in a string. */
function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}
