/** Reads TypeScript as text: the compiler in use has no programming interface, and imports and words are all that is asked. */

const COMMENT_OR_STRING =
  /(?<comment>\/\*[\s\S]*?\*\/|\/\/[^\n]*)|(?<plain>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|`(?:\\.|[^`\\])*`/g;

/** The source with every comment blanked; strings stay, for import paths are strings. */
export const withoutComments = (text: string): string =>
  text.replace(COMMENT_OR_STRING, (found, comment: string | undefined) => (comment === undefined ? found : ' '));

/** The source with comments blanked and plain strings emptied; template strings stay, for they may hold code. */
export const codeOnly = (text: string): string =>
  text.replace(COMMENT_OR_STRING, (found, comment: string | undefined, plain: string | undefined) => {
    if (comment !== undefined) return ' ';
    return plain === undefined ? found : "''";
  });

const STATIC_IMPORT = /^[ \t]*(?:import|export)\b(?:[^'";]*?\bfrom)?\s*(['"])([^'"\n]+)\1/gm;
const DYNAMIC_IMPORT = /\b(?:import|require)\s*\(\s*(['"])([^'"\n]+)\1/g;

/** Every module a source names, each once: imports, re-exports, dynamic imports and types, `require`. */
export function importsOf(text: string): string[] {
  const code = withoutComments(text);
  const names = [...code.matchAll(STATIC_IMPORT), ...code.matchAll(DYNAMIC_IMPORT)].flatMap(([, , name]) => (name ? [name] : []));
  return [...new Set(names)];
}
