import { existsSync } from 'node:fs';

/**
 * The nearest folder, upwards from a module, that has a `package.json`: the module's package, whether it runs from source,
 * compiled or bundled. Ends in a slash. `module`: its `import.meta.url`. @throws Error if there is none.
 */
export function packageFolderOf(module: string): URL {
  const folder = new URL('./', module);
  if (existsSync(new URL('package.json', folder))) return folder;
  const above = new URL('../', folder);
  if (above.href === folder.href) throw new Error('the program does not lie in its package');
  return packageFolderOf(above.href);
}
