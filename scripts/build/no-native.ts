import type { Plugin } from 'vite';

const stub = '\0no-native';
/**
 * They name what lies beside them when they are loaded: a program for PuTTY's agent, which is never asked, and the file that a
 * WebAssembly module would be read from, were it not in the code itself.
 */
const besideSsh2 = /[\\/]node_modules[\\/]ssh2[\\/]lib[\\/].*\.js$/;

/**
 * Some libraries try to load a compiled part of theirs and do without when there is none (ssh2: `cpu-features` and its own
 * `sshcrypto.node`). None is ever built here, and a bundle cannot carry one: what they ask for fails inside it, as it does outside.
 */
export function noNative(): Plugin {
  return {
    name: 'hypha:no-native',
    enforce: 'pre',
    resolveId: (id) => (id === 'cpu-features' || id.endsWith('.node') ? stub : null),
    load: (id) => (id === stub ? "module.exports = {};\nthrow new Error('No compiled parts are used.');\n" : null),
    // A module of a bundle has no `__dirname`.
    transform: (code, id) => (besideSsh2.test(id) ? { code: code.replaceAll('__dirname', "'.'"), map: null } : null),
  };
}
